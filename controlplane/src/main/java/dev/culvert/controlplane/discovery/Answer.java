// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.discovery;

import dev.culvert.policy.wire.discovery.Resource;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** One answer to a proxy while it is put together. What is told counts as held from then on. */
final class Answer {
  private final ResourceSet current;
  private final boolean removals;
  private final Interest interest;
  private final Holdings holdings;
  private final Set<String> knownMissing;
  private final List<Resource> changed = new ArrayList<>();
  private final Set<String> removed = new TreeSet<>();
  private final Set<String> deferred = new HashSet<>();

  /**
   * @param removals whether removals may be told now; if not they are deferred
   * @param knownMissing what the proxy was told is missing; changed along
   */
  Answer(
      ResourceSet current,
      boolean removals,
      Interest interest,
      Holdings holdings,
      Set<String> knownMissing) {
    this.current = current;
    this.removals = removals;
    this.interest = interest;
    this.holdings = holdings;
    this.knownMissing = knownMissing;
  }

  void present(Resource resource) {
    String name = resource.getName();
    if (!interest.wants(resource, current)) {
      gone(name);
    } else if (!resource.getVersion().equals(holdings.version(name))) {
      changed.add(resource);
      if (!interest.isEverything()) {
        holdings.put(name, resource.getVersion());
      }
    }
  }

  /** Also when what is asked for by an alias is another one now. */
  void gone(String name) {
    interest.gone(name);
    String version = holdings.version(name);
    if (version == null) {
      return;
    }
    if (removals) {
      removed.add(name);
      holdings.forget(name);
    } else {
      deferred.add(name);
      holdings.put(name, version);
    }
  }

  /** Something asked for by name that is not there is said to be gone, once. */
  void asked(String name) {
    if (current.name(name).isPresent()) {
      knownMissing.remove(name);
    } else if (!removals) {
      deferred.add(name);
    } else if (knownMissing.add(name)) {
      removed.add(name);
    }
  }

  /** What stays due. */
  Set<String> deferred() {
    return deferred;
  }

  boolean isEmpty() {
    return changed.isEmpty() && removed.isEmpty();
  }

  Delta delta() {
    return new Delta(changed, List.copyOf(removed));
  }
}

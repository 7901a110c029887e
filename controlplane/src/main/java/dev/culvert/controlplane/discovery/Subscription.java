// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.discovery;

import dev.culvert.policy.wire.discovery.DeltaDiscoveryRequest;
import dev.culvert.policy.wire.discovery.Resource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * What one proxy wants of one type and what it holds: the state that the delta variant of xDS keeps
 * per stream and type. A proxy that asks by name is told the {@link Companions} of what it named
 * too; what it was told once is kept true for it until it is gone. Pure; not thread-safe.
 */
final class Subscription {
  private static final String WILDCARD = "*";

  private final String node;
  private final Set<String> named = new HashSet<>();
  private final Set<String> unasked = new HashSet<>();
  private final Map<String, String> held = new HashMap<>();
  private final Set<String> knownMissing = new HashSet<>();
  private boolean wildcard;
  private boolean first = true;
  private boolean answerDue;
  private boolean unsettled = true;
  private ResourceSet seen = ResourceSet.EMPTY;

  /**
   * @param node of the proxy
   */
  Subscription(String node) {
    this.node = node;
  }

  /** Takes in a request; what follows from it comes out of {@link #next}. */
  void update(DeltaDiscoveryRequest request) {
    List<String> subscribe = request.getResourceNamesSubscribeList();
    List<String> unsubscribe = request.getResourceNamesUnsubscribeList();
    if (first) {
      // A first request that names nothing is the older way to ask for everything.
      wildcard = subscribe.isEmpty() && unsubscribe.isEmpty();
      answerDue = true;
    }
    subscribe.forEach(this::subscribe);
    unsubscribe.forEach(this::unsubscribe);
    if (first) {
      held.putAll(request.getInitialResourceVersionsMap());
      first = false;
    }
    unsettled |= !subscribe.isEmpty() || !unsubscribe.isEmpty();
  }

  /**
   * What the proxy must be told now, if anything; from then on it counts as told. The first answer
   * is given even when there is nothing to tell, because proxies wait for it.
   *
   * @param removals whether removals may be told now; if not they stay due
   */
  @SuppressWarnings(
      "ReferenceEquality") // a set that was seen needs no second look; equality costs one
  Optional<Delta> next(ResourceSet current, boolean removals) {
    if (current == seen && !unsettled && !answerDue) {
      return Optional.empty();
    }
    Set<String> wanted = wanted(current);
    Delta delta =
        new Delta(changed(current, wanted), removals ? removed(current, wanted) : List.of());
    boolean due = answerDue || !delta.isEmpty();
    answerDue = false;
    unsettled = !removals;
    seen = current;
    return due ? Optional.of(delta) : Optional.empty();
  }

  /** A name asked for again is sent again, because its client may have dropped it. */
  private void subscribe(String name) {
    if (name.equals(WILDCARD)) {
      wildcard = true;
      return;
    }
    named.add(name);
    forget(name);
  }

  private void unsubscribe(String name) {
    if (name.equals(WILDCARD)) {
      wildcard = false;
      held.keySet().retainAll(wanted(seen));
      return;
    }
    named.remove(name);
    unasked.remove(name);
    forget(name);
  }

  private void forget(String name) {
    held.remove(name);
    knownMissing.remove(name);
    seen.name(name).ifPresent(held::remove);
  }

  private Set<String> wanted(ResourceSet current) {
    if (wildcard) {
      return current.byName().keySet();
    }
    Set<String> wanted = new TreeSet<>();
    named.forEach(name -> current.name(name).ifPresent(wanted::add));
    Companions companions = current.companions();
    wanted.forEach(name -> unasked.addAll(companions.behind(name)));
    unasked.addAll(companions.onNode(node));
    unasked.retainAll(current.byName().keySet());
    wanted.addAll(unasked);
    return wanted;
  }

  private List<Resource> changed(ResourceSet current, Collection<String> wanted) {
    List<Resource> changed = new ArrayList<>();
    for (String name : wanted) {
      Resource resource = current.byName().get(name);
      if (!resource.getVersion().equals(held.put(name, resource.getVersion()))) {
        changed.add(resource);
      }
    }
    return changed;
  }

  private List<String> removed(ResourceSet current, Set<String> wanted) {
    Set<String> removed = new TreeSet<>();
    for (Iterator<String> names = held.keySet().iterator(); names.hasNext(); ) {
      String name = names.next();
      if (!current.byName().containsKey(name)) {
        removed.add(name);
      }
      if (!wanted.contains(name)) {
        names.remove();
      }
    }
    named.forEach(
        name -> {
          boolean missing = current.name(name).isEmpty();
          if (missing && knownMissing.add(name)) {
            removed.add(name);
          } else if (!missing) {
            knownMissing.remove(name);
          }
        });
    return List.copyOf(removed);
  }
}

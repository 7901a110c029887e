// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.discovery;

import dev.culvert.policy.wire.discovery.Resource;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a proxy wants of one type: everything, or what it named, by name or alias, with the {@link
 * Companions} of that. Not thread-safe.
 */
final class Interest {
  private final String node;
  private final Set<String> named = new HashSet<>();

  /** Told beside what is named, and kept true until it is gone. */
  private final Set<String> unasked = new HashSet<>();

  private boolean everything;

  /**
   * @param node of the proxy; empty for one that serves no node
   */
  Interest(String node) {
    this.node = node;
  }

  boolean isEverything() {
    return everything;
  }

  void everything(boolean wanted) {
    everything = wanted;
  }

  /** What was asked for, by name or alias. */
  Set<String> named() {
    return named;
  }

  void name(String name) {
    named.add(name);
  }

  /** Takes a name back, and what is told beside it under that name. */
  void dropName(String name) {
    named.remove(name);
    unasked.remove(name);
  }

  /** Of what is there under those names now, the names of the resources. */
  Set<String> wantedByName(ResourceSet current) {
    Set<String> wanted = new HashSet<>();
    named.forEach(name -> current.name(name).ifPresent(wanted::add));
    return wanted;
  }

  boolean wants(Resource resource, ResourceSet current) {
    return everything || unasked.contains(resource.getName()) || isNamed(resource, current);
  }

  /** Whether a resource that was there may be wanted, under whatever name. */
  boolean mayWant(String resource, ResourceSet seen) {
    return everything
        || named.contains(resource)
        || unasked.contains(resource)
        || seen.get(resource).stream()
            .anyMatch(one -> one.getAliasesList().stream().anyMatch(named::contains));
  }

  private boolean isNamed(String name, ResourceSet current) {
    return current.get(name).filter(resource -> isNamed(resource, current)).isPresent();
  }

  /** An alias means the resource that has it now. */
  private boolean isNamed(Resource resource, ResourceSet current) {
    return named.contains(resource.getName())
        || resource.getAliasesList().stream()
            .anyMatch(
                alias ->
                    named.contains(alias)
                        && current.name(alias).equals(Optional.of(resource.getName())));
  }

  /**
   * What comes along with what is looked at: endpoints of services, workloads of the own node.
   *
   * @param all whether all companions are due, also those that came along before
   */
  Set<String> companions(ResourceSet current, Set<String> names, boolean all) {
    Companions companions = current.companions();
    Set<String> along = new HashSet<>(all ? companions.onNode(node) : List.of());
    for (String name : names) {
      current.get(name).ifPresent(resource -> alongWith(name, resource, current, along));
    }
    unasked.addAll(along);
    return all ? Set.copyOf(unasked) : along;
  }

  private void alongWith(String name, Resource resource, ResourceSet current, Set<String> along) {
    if (isNamed(resource, current)) {
      along.addAll(current.companions().behind(name));
    }
    if (Companions.nodes(resource).contains(node)
        || Companions.services(resource).stream().anyMatch(service -> isNamed(service, current))) {
      along.add(name);
    }
  }

  /** What is gone comes along no more. */
  void gone(String name) {
    unasked.remove(name);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * Resources by their types and names, each type gone through once, when it is first asked for. Any
 * thread.
 */
public final class ResourceIndex implements Resources {
  private record Name(String namespace, String name) {}

  private final List<Resource> all;
  private final Map<Class<?>, List<Resource>> byType = new ConcurrentHashMap<>();
  private final Map<Class<?>, Map<Name, Resource>> byName = new ConcurrentHashMap<>();

  /**
   * @param all in the order in which they are told
   */
  public ResourceIndex(List<Resource> all) {
    this.all = List.copyOf(all);
  }

  /** All of them, in their order. */
  public List<Resource> all() {
    return all;
  }

  @Override
  public <T extends Resource> Stream<T> resources(Class<T> type) {
    return of(type).stream().map(type::cast);
  }

  @Override
  public <T extends Resource> Optional<T> find(Class<T> type, String namespace, String name) {
    return Optional.ofNullable(
        type.cast(byName.computeIfAbsent(type, this::named).get(new Name(namespace, name))));
  }

  private List<Resource> of(Class<?> type) {
    return byType.computeIfAbsent(type, one -> all.stream().filter(one::isInstance).toList());
  }

  private Map<Name, Resource> named(Class<?> type) {
    Map<Name, Resource> named = new HashMap<>();
    for (Resource one : of(type)) {
      named.putIfAbsent(new Name(one.metadata().namespace(), one.metadata().name()), one);
    }
    return named;
  }
}

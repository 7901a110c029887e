// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.discovery;

import dev.culvert.controlplane.collection.Shards;
import dev.culvert.policy.wire.discovery.Resource;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** The names of resources by something else that is in them. Immutable. */
final class NameIndex {
  private final Function<Resource, Collection<String>> keys;
  private final Shards<List<String>> names;

  private NameIndex(Function<Resource, Collection<String>> keys, Shards<List<String>> names) {
    this.keys = keys;
    this.names = names;
  }

  /** An index of nothing. */
  static NameIndex by(Function<Resource, Collection<String>> keys) {
    return new NameIndex(keys, Shards.none());
  }

  /** In the order of the names. */
  List<String> of(String key) {
    List<String> own = names.get(key);
    return own == null ? List.of() : own;
  }

  /**
   * The index after a change.
   *
   * @param before the resources as they were, by name
   * @param changed what they are now; null for one that is gone
   */
  NameIndex with(Shards<Resource> before, Map<String, @Nullable Resource> changed) {
    Map<String, NavigableSet<String>> touched = new HashMap<>();
    changed.forEach(
        (name, resource) -> {
          Resource old = before.get(name);
          if (old != null) {
            keys.apply(old).forEach(key -> touched(touched, key).remove(name));
          }
          if (resource != null) {
            keys.apply(resource).forEach(key -> touched(touched, key).add(name));
          }
        });
    Map<String, @Nullable List<String>> next = new HashMap<>();
    touched.forEach((key, own) -> next.put(key, own.isEmpty() ? null : List.copyOf(own)));
    return new NameIndex(keys, names.with(next));
  }

  private NavigableSet<String> touched(Map<String, NavigableSet<String>> all, String key) {
    return all.computeIfAbsent(key, _ -> new TreeSet<>(of(key)));
  }
}

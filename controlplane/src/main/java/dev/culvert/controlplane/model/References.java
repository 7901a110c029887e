// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** In which namespaces something is named, and how often. */
final class References<K> {
  private final Map<K, TreeMap<String, Integer>> namespaces = new HashMap<>();

  void add(String namespace, Collection<K> named) {
    named.forEach(
        one ->
            namespaces
                .computeIfAbsent(one, _ -> new TreeMap<>())
                .merge(namespace, 1, Integer::sum));
  }

  void remove(String namespace, Collection<K> named) {
    named.forEach(
        one ->
            namespaces.computeIfPresent(
                one,
                (_, counts) -> {
                  counts.computeIfPresent(namespace, (_, n) -> n == 1 ? null : n - 1);
                  return counts.isEmpty() ? null : counts;
                }));
  }

  Set<String> of(K named) {
    TreeMap<String, Integer> counts = namespaces.get(named);
    return counts == null ? Set.of() : counts.keySet();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/** What has a name in a namespace; two maps deep, so that asking makes no key. Any thread. */
final class NamedIndex<T> {
  private final ConcurrentMap<String, ConcurrentMap<String, T>> namespaces =
      new ConcurrentHashMap<>();

  Optional<T> get(String namespace, String name) {
    Map<String, T> names = namespaces.get(namespace);
    return names == null ? Optional.empty() : Optional.ofNullable(names.get(name));
  }

  void put(String namespace, String name, T value) {
    namespaces.computeIfAbsent(namespace, n -> new ConcurrentHashMap<>()).put(name, value);
  }

  void remove(String namespace, String name) {
    ConcurrentMap<String, T> names = namespaces.get(namespace);
    if (names != null) {
      names.remove(name);
      forgetIfEmpty(namespace, names);
    }
  }

  /** Removes it unless another, be it equal, has taken the name since. */
  @SuppressWarnings("ReferenceEquality") // the one that was put, not one like it
  void remove(String namespace, String name, T value) {
    ConcurrentMap<String, T> names = namespaces.get(namespace);
    if (names != null) {
      names.computeIfPresent(name, (n, held) -> held == value ? null : held);
      forgetIfEmpty(namespace, names);
    }
  }

  private void forgetIfEmpty(String namespace, ConcurrentMap<String, T> names) {
    if (names.isEmpty()) {
      namespaces.remove(namespace);
    }
  }
}

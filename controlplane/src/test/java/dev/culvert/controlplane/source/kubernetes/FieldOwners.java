// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Whose the fields of one object are, as server-side apply has it. Lists are one value: what is
 * applied here writes them whole.
 */
final class FieldOwners {
  private static final Set<String> OF_THE_SERVER =
      Set.of("uid", "resourceVersion", "generation", "creationTimestamp", "managedFields");

  private final Map<String, Set<List<String>>> fields = new HashMap<>();

  /**
   * What an object is after an apply; empty when a field is somebody else's and not the same.
   *
   * @param known what is there; empty when nothing is
   */
  Optional<Map<String, Object>> apply(
      String manager, boolean force, Map<String, Object> known, Map<String, Object> sent) {
    Set<List<String>> before = fields.getOrDefault(manager, Set.of());
    Set<List<String>> now = new HashSet<>();
    leaves(sent, List.of(), now);
    for (List<String> path : now) {
      boolean foreign = !known.isEmpty() && !before.contains(path);
      Object there = at(known, path);
      if (foreign && there != null && !there.equals(at(sent, path)) && !force) {
        return Optional.empty();
      }
    }
    Map<String, Object> next = copy(known);
    before.stream()
        .filter(path -> !now.contains(path) && !isOfAnother(manager, path))
        .forEach(path -> remove(next, path));
    now.forEach(path -> set(next, path, at(sent, path)));
    fields.put(manager, now);
    changed(known, next, manager);
    return Optional.of(next);
  }

  /** Who changes a value takes it from all others. */
  void changed(Map<String, Object> before, Map<String, Object> after, String by) {
    fields.forEach(
        (manager, paths) -> {
          if (!manager.equals(by)) {
            paths.removeIf(path -> !Objects.equals(at(before, path), at(after, path)));
          }
        });
  }

  private boolean isOfAnother(String manager, List<String> path) {
    return fields.entrySet().stream()
        .anyMatch(one -> !one.getKey().equals(manager) && one.getValue().contains(path));
  }

  private static void leaves(Map<?, ?> map, List<String> above, Set<List<String>> leaves) {
    map.forEach(
        (name, value) -> {
          List<String> path = new ArrayList<>(above);
          path.add((String) name);
          if (above.equals(List.of("metadata")) && OF_THE_SERVER.contains(name)) {
            return;
          }
          if (value instanceof Map<?, ?> more && !more.isEmpty()) {
            leaves(more, path, leaves);
          } else if (value != null) {
            leaves.add(path);
          }
        });
  }

  private static Object at(Map<?, ?> map, List<String> path) {
    Object value = map;
    for (String name : path) {
      value = value instanceof Map<?, ?> one ? one.get(name) : null;
    }
    return value;
  }

  private static void set(Map<String, Object> map, List<String> path, Object value) {
    Map<String, Object> owner = map;
    for (String name : path.subList(0, path.size() - 1)) {
      owner = child(owner, name);
    }
    owner.put(path.getLast(), value);
  }

  private static void remove(Map<String, Object> map, List<String> path) {
    Map<String, Object> owner = map;
    for (String name : path.subList(0, path.size() - 1)) {
      owner = child(owner, name);
    }
    owner.remove(path.getLast());
    if (owner.isEmpty() && path.size() > 1) {
      remove(map, path.subList(0, path.size() - 1));
    }
  }

  @SuppressWarnings("unchecked") // as JSON has them
  private static Map<String, Object> child(Map<String, Object> owner, String name) {
    if (!(owner.get(name) instanceof Map)) {
      owner.put(name, new LinkedHashMap<>());
    }
    return (Map<String, Object>) owner.get(name);
  }

  @SuppressWarnings("unchecked") // an object is one of JSON
  private static Map<String, Object> copy(Map<String, Object> object) {
    return Reply.JSON.unmarshal(Reply.JSON.asJson(object), LinkedHashMap.class);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.kept;

import java.lang.ref.Reference;
import java.lang.reflect.Array;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What an object is made of, as far as it is ours: as a text in which two that are made of the same
 * are the same, and as the objects themselves.
 */
public final class ObjectGraph {
  private final Set<String> opaque;
  private final Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
  private final List<Object> found = new ArrayList<>();

  private ObjectGraph(Set<String> opaque) {
    this.opaque = opaque;
  }

  /**
   * The text.
   *
   * @param opaque the names of classes that are not looked into
   */
  public static String text(Object root, Set<String> opaque) {
    return new ObjectGraph(opaque).text(root);
  }

  /** All objects of a type in it. */
  public static <T> List<T> all(Class<T> type, Object root, Set<String> opaque) {
    ObjectGraph graph = new ObjectGraph(opaque);
    graph.text(root);
    return graph.found.stream().filter(type::isInstance).map(type::cast).distinct().toList();
  }

  private String text(Object one) {
    if (one == null) {
      return "null";
    }
    Optional<String> hidden = opaque(one.getClass());
    if (hidden.isPresent()) {
      found.add(one);
      return hidden.get();
    }
    return switch (one) {
      case Optional<?> optional -> "?" + text(optional.orElse(null));
      case Map<?, ?> map ->
          sorted(
              map.entrySet().stream()
                  .map(entry -> text(entry.getKey()) + "=" + text(entry.getValue()))
                  .toList());
      case Set<?> set -> sorted(set.stream().map(this::text).toList());
      case Collection<?> list -> list.stream().map(this::text).toList().toString();
      case Reference<?> _ -> "reference";
      case Enum<?> constant -> constant.toString();
      default -> one.getClass().isArray() ? array(one) : object(one);
    };
  }

  private Optional<String> opaque(Class<?> type) {
    for (Class<?> now = type; now != null; now = now.getSuperclass()) {
      if (opaque.contains(now.getSimpleName())) {
        return Optional.of(now.getSimpleName());
      }
    }
    return Optional.empty();
  }

  private static String sorted(List<String> texts) {
    return texts.stream().sorted().toList().toString();
  }

  private String array(Object array) {
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < Array.getLength(array); i++) {
      texts.add(text(Array.get(array, i)));
    }
    return texts.toString();
  }

  private String object(Object one) {
    String name = one.getClass().getName();
    if (!name.startsWith("dev.culvert.")) {
      return one.toString();
    }
    found.add(one);
    if (!seen.add(one)) {
      return "within itself";
    }
    List<String> fields = new ArrayList<>();
    for (Class<?> type = one.getClass(); type != Object.class; type = type.getSuperclass()) {
      for (Field field : type.getDeclaredFields()) {
        if (!Modifier.isStatic(field.getModifiers())) {
          fields.add(field.getName() + "=" + value(field, one));
        }
      }
    }
    seen.remove(one);
    return name.replaceFirst("/.*", "") + fields;
  }

  private String value(Field field, Object of) {
    try {
      field.setAccessible(true);
      return text(field.get(of));
    } catch (IllegalAccessException e) {
      throw new AssertionError(e);
    }
  }
}

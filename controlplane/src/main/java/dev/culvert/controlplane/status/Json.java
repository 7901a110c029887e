// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.status;

import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** JSON as maps, lists, texts and numbers. */
final class Json {
  private Json() {}

  /** Whether both say the same; a number is Integer or Long, as its parser liked. */
  static boolean same(@Nullable Object one, @Nullable Object other) {
    return switch (one) {
      case null -> other == null;
      case Map<?, ?> map -> other instanceof Map<?, ?> to && same(map, to);
      case List<?> list -> other instanceof List<?> to && same(list, to);
      case Number number -> other instanceof Number to && number.longValue() == to.longValue();
      default -> one.equals(other);
    };
  }

  static List<?> list(@Nullable Object json) {
    return json instanceof List<?> list ? list : List.of();
  }

  private static boolean same(Map<?, ?> one, Map<?, ?> other) {
    return one.keySet().equals(other.keySet())
        && one.entrySet().stream()
            .allMatch(entry -> same(entry.getValue(), other.get(entry.getKey())));
  }

  private static boolean same(List<?> one, List<?> other) {
    if (one.size() != other.size()) {
      return false;
    }
    for (int i = 0; i < one.size(); i++) {
      if (!same(one.get(i), other.get(i))) {
        return false;
      }
    }
    return true;
  }
}

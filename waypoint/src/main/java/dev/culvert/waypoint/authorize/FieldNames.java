// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authorize;

import java.util.List;
import java.util.Locale;

/** Names of header fields, in lower case, of which each may have one {@code *} at an end. */
record FieldNames(List<String> patterns) {
  FieldNames {
    patterns = List.copyOf(patterns);
  }

  boolean isEmpty() {
    return patterns.isEmpty();
  }

  /** Whether some take a name because they take every one. */
  boolean areAll() {
    return patterns.contains("*");
  }

  boolean take(String name) {
    String lower = name.toLowerCase(Locale.ROOT);
    for (String pattern : patterns) {
      if (matches(pattern, lower)) {
        return true;
      }
    }
    return false;
  }

  private static boolean matches(String pattern, String name) {
    if (pattern.startsWith("*")) {
      return name.endsWith(pattern.substring(1));
    }
    return pattern.endsWith("*")
        ? name.startsWith(pattern.substring(0, pattern.length() - 1))
        : name.equals(pattern);
  }
}

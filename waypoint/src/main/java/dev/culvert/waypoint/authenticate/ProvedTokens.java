// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authenticate;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * What is known of tokens that were proved, by their text. Only of those: who sends nonsense must
 * not make others be forgotten. Any thread.
 */
final class ProvedTokens<V> {
  /** With the longest tokens about 16 MiB; of more bearers than this some are proved again. */
  private static final int MOST = 4096;

  private static final int LONGEST = 4096;

  private final Map<String, V> known = new ConcurrentHashMap<>();

  @Nullable V get(String text) {
    return known.get(text);
  }

  /**
   * Remembers one, unless it is very long.
   *
   * @param useless those that go first when there are too many; when they were few, all go
   */
  void remember(String text, V value, Predicate<V> useless) {
    if (text.length() > LONGEST) {
      return;
    }
    if (known.size() >= MOST) {
      known.values().removeIf(useless);
      if (known.size() > MOST / 2) {
        known.clear();
      }
    }
    known.put(text, value);
  }

  void forget(String text) {
    known.remove(text);
  }

  int size() {
    return known.size();
  }
}

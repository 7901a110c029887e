// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.kept;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What was worked out of one configuration, for the next. A change so costs what it changes, and
 * what is counted in the rest (turns, budgets, sessions) goes on. One thread at a time.
 */
public final class Kept {
  private record Key(Class<?> type, Object about) {}

  private record Known(Piece<?> piece, Object value, List<String> problems) {}

  private Map<Key, Known> before = new HashMap<>();
  private Map<Key, Known> now = new HashMap<>();

  /** A configuration is worked out anew. */
  public void begin() {
    before.putAll(now);
    now = new HashMap<>();
  }

  /** Forgets what it did not need. */
  public void end() {
    before = new HashMap<>();
  }

  /**
   * What a piece comes to: what it came to before, if there was one like it.
   *
   * @param problems to which those of the piece are added, whenever it was worked out
   */
  @SuppressWarnings("unchecked") // Equal pieces are of one type, which makes one type of value.
  public <V> V of(Piece<V> piece, List<String> problems) {
    Key key = new Key(piece.getClass(), piece.about());
    Known known = now.getOrDefault(key, before.get(key));
    if (known == null || !known.piece.equals(piece)) {
      List<String> told = new ArrayList<>();
      known = new Known(piece, piece.make(told), List.copyOf(told));
    }
    now.put(key, known);
    problems.addAll(known.problems);
    return (V) known.value;
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.kept;

import java.util.List;

/**
 * Something to work out, and all that goes into it: pieces that are equal come to the same.
 *
 * @param <V> what it comes to
 */
public interface Piece<V> {
  /** What it is about: of the pieces of one type that are about the same the newest is kept. */
  Object about();

  /**
   * Works it out.
   *
   * @param problems to which what has no effect is added
   */
  V make(List<String> problems);
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.waypoint.peers.Await;
import java.util.concurrent.atomic.AtomicLong;

/** Waits until something has come to a stop. */
final class Stall {
  private static final int SAME = 100;

  private Stall() {}

  /** Until the count has not moved for a hundred looks. */
  static void await(AtomicLong count) {
    long[] seen = {-1, 0};
    Await.until(
        () -> "still moves at " + count,
        () -> {
          long now = count.get();
          seen[1] = now == seen[0] && now != 0 ? seen[1] + 1 : 0;
          seen[0] = now;
          return seen[1] > SAME;
        });
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.balance;

import dev.culvert.policy.traffic.HashKey;
import dev.culvert.waypoint.plan.Asking;
import dev.culvert.waypoint.plan.Hash64;
import java.util.Arrays;
import java.util.Comparator;
import org.jspecify.annotations.Nullable;

/**
 * The slot whose point follows the key's hash on a ring of points (Karger and others, Consistent
 * Hashing and Random Trees): a slot that comes or goes moves its own keys only.
 */
final class RingHash implements Chooser {
  /**
   * Of the slot with the largest share, however many slots there are: what it has does not change
   * when others come and go.
   */
  private static final int MOST_POINTS = 256;

  private record Point(long hash, Slot slot) {}

  private final HashKey key;
  private final long[] hashes;
  private final Slot[] owners;

  RingHash(Slot[] slots, HashKey key) {
    this.key = key;
    Point[] points =
        Arrays.stream(slots)
            .flatMap(slot -> Arrays.stream(points(slot, slots)))
            .sorted(Comparator.comparingLong(Point::hash))
            .toArray(Point[]::new);
    this.hashes = Arrays.stream(points).mapToLong(Point::hash).toArray();
    this.owners = Arrays.stream(points).map(Point::slot).toArray(Slot[]::new);
  }

  private static Point[] points(Slot slot, Slot[] slots) {
    long largest = Arrays.stream(slots).mapToLong(Slot::weight).max().orElseThrow();
    Point[] points =
        new Point[(int) Math.max(1, Math.round((double) MOST_POINTS * slot.weight() / largest))];
    long own = Hash64.of(slot.endpoint().name());
    for (int i = 0; i < points.length; i++) {
      points[i] = new Point(Hash64.mix(own + i * 0x9e3779b97f4a7c15L), slot);
    }
    return points;
  }

  @Override
  public @Nullable Slot choose(Asking asking, Slot.Demand demand, long now) {
    int found = Arrays.binarySearch(hashes, asking.hash(key));
    int start = found >= 0 ? found : -found - 1;
    for (int i = 0; i < owners.length; i++) {
      Slot next = owners[(start + i) % owners.length];
      if (next.meets(demand, asking, now)) {
        return next;
      }
    }
    return null;
  }
}

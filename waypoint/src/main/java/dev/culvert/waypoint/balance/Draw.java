// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.balance;

import dev.culvert.waypoint.plan.Asking;
import java.util.Arrays;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** Any slot, by its share. */
final class Draw implements Chooser {
  /** As often as it is drawn again before they are gone through one by one. */
  private static final int TRIES = 4;

  private final Slot[] slots;

  /** Where the part of each slot ends; null when all parts are the same. */
  private final long @Nullable [] ends;

  Draw(Slot[] slots) {
    this.slots = slots;
    boolean same = Arrays.stream(slots).mapToInt(Slot::weight).distinct().count() <= 1;
    this.ends = same ? null : ends(slots);
  }

  private static long[] ends(Slot[] slots) {
    long[] ends = Arrays.stream(slots).mapToLong(Slot::weight).toArray();
    Arrays.parallelPrefix(ends, Long::sum);
    return ends;
  }

  /** Whether all have the same share. */
  boolean isEven() {
    return ends == null;
  }

  @Override
  public @Nullable Slot choose(Asking asking, Slot.Demand demand, long now) {
    for (int i = 0; i < TRIES; i++) {
      Slot drawn = slots[at()];
      if (drawn.meets(demand, asking, now)) {
        return drawn;
      }
    }
    int start = ThreadLocalRandom.current().nextInt(slots.length);
    for (int i = 0; i < slots.length; i++) {
      Slot next = slots[(start + i) % slots.length];
      if (next.meets(demand, asking, now)) {
        return next;
      }
    }
    return null;
  }

  private int at() {
    ThreadLocalRandom random = ThreadLocalRandom.current();
    if (ends == null) {
      return random.nextInt(slots.length);
    }
    int at = Arrays.binarySearch(ends, random.nextLong(ends[ends.length - 1]));
    // A part holds the numbers below its end: one that is found is the first of the next part.
    return at >= 0 ? at + 1 : -at - 1;
  }
}

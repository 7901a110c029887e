// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.balance;

import dev.culvert.waypoint.plan.Asking;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** One after the other, each as often as its share asks for, and evenly spread. */
final class RoundRobin implements Chooser {
  private static final int LONGEST = 4096;

  private final Slot[] order;
  private final AtomicInteger turn = new AtomicInteger();

  RoundRobin(Slot[] slots) {
    this.order = order(slots);
  }

  @Override
  public @Nullable Slot choose(Asking asking, Slot.Demand demand, long now) {
    for (int i = 0; i < order.length; i++) {
      Slot next = order[Integer.remainderUnsigned(turn.getAndIncrement(), order.length)];
      if (next.meets(demand, asking, now)) {
        return next;
      }
    }
    return null;
  }

  /** In each step all gain their share, and who has most is next and pays for it. */
  private static Slot[] order(Slot[] slots) {
    int[] shares = shares(slots);
    int whole = Arrays.stream(shares).sum();
    if (whole == slots.length) {
      return slots;
    }
    Slot[] order = new Slot[whole];
    int[] gained = new int[slots.length];
    for (int step = 0; step < whole; step++) {
      int next = 0;
      for (int i = 0; i < slots.length; i++) {
        gained[i] += shares[i];
        next = gained[i] > gained[next] ? i : next;
      }
      gained[next] -= whole;
      order[step] = slots[next];
    }
    return order;
  }

  private static int[] shares(Slot[] slots) {
    int divisor = Arrays.stream(slots).mapToInt(Slot::weight).reduce(0, RoundRobin::common);
    long whole = Arrays.stream(slots).mapToLong(slot -> slot.weight() / divisor).sum();
    double scale = Math.min(1, (double) Math.max(LONGEST, slots.length) / whole);
    return Arrays.stream(slots)
        .mapToInt(slot -> (int) Math.max(1, (double) slot.weight() / divisor * scale))
        .toArray();
  }

  private static int common(int a, int b) {
    return b == 0 ? a : common(b, a % b);
  }
}

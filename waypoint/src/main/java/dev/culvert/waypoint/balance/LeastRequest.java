// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.balance;

import dev.culvert.waypoint.plan.Asking;
import org.jspecify.annotations.Nullable;

/**
 * The less used of two that are drawn (Mitzenmacher, The Power of Two Choices in Randomized Load
 * Balancing): nearly as good as the least used of all, and without going through all. Few are gone
 * through.
 */
final class LeastRequest implements Chooser {
  /** As often as a second one is drawn that turns out to be the first. */
  private static final int TRIES = 4;

  private static final int FEW = 3;

  private final Draw draw;
  private final Slot[] slots;
  private final boolean few;

  LeastRequest(Slot[] slots) {
    this.draw = new Draw(slots);
    this.slots = slots;
    this.few = slots.length <= FEW && draw.isEven();
  }

  @Override
  public @Nullable Slot choose(Asking asking, Slot.Demand demand, long now) {
    Slot one = draw.choose(asking, demand, now);
    if (one == null || few) {
      return one == null ? null : freest(one, asking, demand, now);
    }
    for (int i = 0; i < TRIES; i++) {
      Slot other = draw.choose(asking, demand, now);
      if (other != one && other != null) {
        return other.isFreerThan(one) ? other : one;
      }
    }
    return one;
  }

  private Slot freest(Slot one, Asking asking, Slot.Demand demand, long now) {
    Slot freest = one;
    for (Slot other : slots) {
      if (other.isFreerThan(freest) && other.meets(demand, asking, now)) {
        freest = other;
      }
    }
    return freest;
  }
}

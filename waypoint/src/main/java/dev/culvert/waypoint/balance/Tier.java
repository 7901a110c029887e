// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.balance;

import dev.culvert.policy.traffic.LoadBalancing;
import dev.culvert.policy.traffic.SlowStart;
import dev.culvert.waypoint.plan.Asking;
import org.jspecify.annotations.Nullable;

/** Endpoints that are equally near. Immutable. */
final class Tier {
  private final Slot[] slots;
  private final Chooser chooser;
  private final @Nullable SlowStart slowStart;
  private final int tries;

  /**
   * @param slots at least one
   */
  Tier(Slot[] slots, LoadBalancing balancing) {
    this.slots = slots;
    this.chooser = Chooser.of(balancing, slots);
    this.slowStart = balancing.slowStart().orElse(null);
    this.tries = 2 * slots.length + 8;
  }

  /** The one that has this id and can be used, or null. */
  @Nullable Slot find(long id, long now) {
    for (Slot slot : slots) {
      if (slot.id() == id && slot.endpoint().isUsable(now)) {
        return slot;
      }
    }
    return null;
  }

  /** One that meets the demand, or null when none does. */
  @Nullable Slot choose(Asking asking, Slot.Demand demand, long now) {
    Slot chosen = chooser.choose(asking, demand, now);
    if (slowStart == null) {
      return chosen;
    }
    for (int i = 0; i < tries && chosen != null && !chosen.isWarm(slowStart, now); i++) {
      chosen = chooser.choose(asking, demand, now);
    }
    return chosen;
  }
}

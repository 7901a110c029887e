// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.balance;

import dev.culvert.policy.traffic.HashKey;
import dev.culvert.policy.traffic.LoadBalancing;
import dev.culvert.waypoint.plan.Asking;
import org.jspecify.annotations.Nullable;

/** Chooses one of the slots that it was made for, at least one. Any thread; never waits. */
interface Chooser {
  /** One that meets the demand, or null when none does. */
  @Nullable Slot choose(Asking asking, Slot.Demand demand, long now);

  /** The one that is asked for. */
  static Chooser of(LoadBalancing balancing, Slot[] slots) {
    HashKey key = balancing.hashOn().orElse(null);
    return switch (balancing.algorithm()) {
      case LeastRequest -> new LeastRequest(slots);
      case RoundRobin -> new RoundRobin(slots);
      case Random -> new Draw(slots);
      case RingHash -> new RingHash(slots, key);
      case Maglev -> new Maglev(slots, key);
    };
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.balance;

import dev.culvert.waypoint.plan.Asking;
import dev.culvert.waypoint.plan.Pick;
import dev.culvert.waypoint.plan.Protocol;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;

/**
 * The endpoints of a cluster at one moment, the nearest first: those further away get what none of
 * the nearer ones can take. Where no endpoint can be used the nearest get it all the same, as
 * nothing is lost by it. Immutable.
 */
public final class Roster {
  private final Tier[] tiers;
  private final Pick none;

  Roster(Tier[] tiers, String cluster) {
    this.tiers = tiers;
    this.none = new Pick.None(false, cluster + " has no endpoint that is ready");
  }

  /** The endpoint of a request. */
  public Pick next(Asking asking, Protocol protocol) {
    if (tiers.length == 0) {
      return none;
    }
    long now = System.nanoTime();
    Slot chosen =
        asking.tried().isEmpty()
            ? ofSession(asking, now)
            : choose(asking, Slot.Demand.UNTRIED, now);
    if (chosen == null) {
      chosen = choose(asking, Slot.Demand.USABLE, now);
    }
    if (chosen == null) {
      chosen = tiers[0].choose(asking, Slot.Demand.ANY, now);
    }
    return chosen == null ? none : chosen.target(protocol);
  }

  private @Nullable Slot ofSession(Asking asking, long now) {
    OptionalLong session = asking.session();
    for (int i = 0; session.isPresent() && i < tiers.length; i++) {
      Slot found = tiers[i].find(session.getAsLong(), now);
      if (found != null) {
        return found;
      }
    }
    return null;
  }

  private @Nullable Slot choose(Asking asking, Slot.Demand demand, long now) {
    for (Tier tier : tiers) {
      Slot chosen = tier.choose(asking, demand, now);
      if (chosen != null) {
        return chosen;
      }
    }
    return null;
  }
}

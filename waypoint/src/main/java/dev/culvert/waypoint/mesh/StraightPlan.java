// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.waypoint.kept.Piece;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.Retries;
import dev.culvert.waypoint.plan.RoutePlan;
import dev.culvert.waypoint.plan.Timeouts;
import java.util.List;

/** Where what is for a port goes that no route is for. */
record StraightPlan(Object about, Destination to) implements Piece<RoutePlan> {
  @Override
  public RoutePlan make(List<String> problems) {
    return of(to);
  }

  static RoutePlan of(Destination to) {
    return new RoutePlan(
        "default", List.of(new RoutePlan.Weighted(to, 1)), Timeouts.NONE, Retries.STANDARD);
  }
}

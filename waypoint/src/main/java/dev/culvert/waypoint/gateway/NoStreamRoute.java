// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.waypoint.kept.Piece;
import dev.culvert.waypoint.plan.Retries;
import dev.culvert.waypoint.plan.RoutePlan;
import dev.culvert.waypoint.plan.Timeouts;
import java.util.List;

/** What becomes of connections to a listener that no route is for: they are refused. */
record NoStreamRoute(Bound.Key about, String name) implements Piece<RoutePlan> {
  @Override
  public RoutePlan make(List<String> problems) {
    return new RoutePlan(name, List.of(), Timeouts.NONE, Retries.STANDARD);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.route;

import dev.culvert.policy.resource.HttpRouteResource.BackendRef;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.waypoint.kept.Piece;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.Retries;
import dev.culvert.waypoint.plan.RoutePlan;
import dev.culvert.waypoint.plan.Timeouts;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A route of connections.
 *
 * @param named the backends of its rule
 * @param destinations what each of them is; empty for one that cannot be sent to
 */
record StreamRoute(
    Object where,
    ResourceKey route,
    String name,
    List<BackendRef> named,
    List<Optional<Destination>> destinations)
    implements Piece<RoutePlan> {

  @Override
  public Object about() {
    return List.of(where, route);
  }

  @Override
  public RoutePlan make(List<String> problems) {
    List<RoutePlan.Weighted> weighted = new ArrayList<>();
    for (int i = 0; i < named.size(); i++) {
      BackendRef one = named.get(i);
      weighted.add(new RoutePlan.Weighted(Missing.unless(destinations.get(i), one), one.weight()));
    }
    return new RoutePlan(name, weighted, Timeouts.NONE, Retries.STANDARD);
  }
}

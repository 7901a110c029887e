// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.policy.wire.workload.GatewayAddress;
import dev.culvert.policy.wire.workload.WeightedWaypoint;
import java.util.List;

/**
 * The waypoint of a service.
 *
 * @param shared the waypoints that share its connections, this one among them; empty for this alone
 */
record WaypointBinding(GatewayAddress waypoint, List<WeightedWaypoint> shared) {
  private static final int ALL = 100;

  static WaypointBinding to(GatewayAddress waypoint) {
    return new WaypointBinding(waypoint, List.of());
  }

  /**
   * The same with a second waypoint.
   *
   * @param percent its share, 0 to 100
   */
  WaypointBinding sharedWith(GatewayAddress canary, int percent) {
    return percent == 0
        ? this
        : new WaypointBinding(
            waypoint, List.of(weighted(waypoint, ALL - percent), weighted(canary, percent)));
  }

  private static WeightedWaypoint weighted(GatewayAddress waypoint, int weight) {
    return WeightedWaypoint.newBuilder().setDestination(waypoint).setWeight(weight).build();
  }
}

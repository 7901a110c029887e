// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.policy.traffic.Traffic;
import dev.culvert.waypoint.balance.Cluster;
import dev.culvert.waypoint.balance.Member;
import dev.culvert.waypoint.kept.Piece;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.Protocol;
import java.util.List;

/**
 * A port of a service, with the endpoints that it has now.
 *
 * @param shownBy whose certificate they are shown; empty when they are shown none
 * @param traffic how they are used
 */
record ServicePicker(
    Endpoints.PortKey port,
    String shownBy,
    Cluster cluster,
    Traffic traffic,
    List<Member> members,
    Protocol protocol)
    implements Piece<Destination> {
  @Override
  public Object about() {
    return List.of(port, shownBy);
  }

  @Override
  public Destination make(List<String> problems) {
    return port.destination(
        new FixedEndpoints(cluster, cluster.roster(List.of(members), protocol), protocol));
  }
}

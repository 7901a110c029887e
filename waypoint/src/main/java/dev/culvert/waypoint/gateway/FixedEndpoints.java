// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.waypoint.balance.Cluster;
import dev.culvert.waypoint.balance.Roster;
import dev.culvert.waypoint.plan.Asking;
import dev.culvert.waypoint.plan.Pick;
import dev.culvert.waypoint.plan.Picker;
import dev.culvert.waypoint.plan.Protocol;
import dev.culvert.waypoint.plan.Treatment;

/** Endpoints that stay as they are until the folder is compiled anew. */
record FixedEndpoints(Cluster cluster, Roster roster, Protocol protocol) implements Picker {
  @Override
  public Pick next(Asking asking) {
    return roster.next(asking, protocol);
  }

  @Override
  public Treatment treatment() {
    return cluster.treatment();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.waypoint.kept.Piece;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.Pick;
import java.util.List;

/**
 * A port of a service that nothing may be sent to.
 *
 * @param problem why
 */
record ClosedService(Endpoints.PortKey port, String shownBy, String problem)
    implements Piece<Destination> {
  @Override
  public Object about() {
    return List.of(port, shownBy);
  }

  @Override
  public Destination make(List<String> problems) {
    Pick none = new Pick.None(true, problem);
    return port.destination(asking -> none);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.waypoint.kept.Piece;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.Pick;
import java.util.List;

/**
 * A port of a service that nothing may be sent to.
 *
 * @param missing whether its requests get 500 rather than 503
 * @param problem why
 */
record ClosedDestination(String namespace, String name, int port, boolean missing, String problem)
    implements Piece<Destination> {
  @Override
  public Object about() {
    return List.of(namespace, name, port);
  }

  @Override
  public Destination make(List<String> problems) {
    Pick none = new Pick.None(missing, problem);
    return new Destination(namespace, name, port, asking -> none);
  }
}

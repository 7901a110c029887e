// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.route;

import dev.culvert.ztunnel.xds.ServiceEndpoint;
import java.util.Optional;

/**
 * The waypoint that a connection must go through.
 *
 * @param endpoint empty when none can be had, which refuses the connection
 * @param problem why not; null when there is one
 */
record Waypoint(Optional<ServiceEndpoint> endpoint, String problem) {
  static Waypoint at(ServiceEndpoint endpoint) {
    return new Waypoint(Optional.of(endpoint), null);
  }

  static Waypoint missing(String problem) {
    return new Waypoint(Optional.empty(), problem);
  }
}

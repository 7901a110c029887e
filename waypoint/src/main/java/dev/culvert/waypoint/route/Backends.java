// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.route;

import dev.culvert.waypoint.plan.Destination;
import java.util.Optional;

/** The services that rules may send requests to. */
@FunctionalInterface
public interface Backends {
  /** The destination of a service's port; empty when it is known that there is none. */
  Optional<Destination> destination(String namespace, String name, int port);
}

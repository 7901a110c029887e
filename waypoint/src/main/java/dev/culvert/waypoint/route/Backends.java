// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.route;

import dev.culvert.policy.mesh.BackendSpeech;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.waypoint.plan.ClientKey;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.RouteTreatment;
import java.util.Optional;

/** The services that rules may send requests to. */
@FunctionalInterface
public interface Backends {
  /** The destination of a service's port; empty when it is known that there is none. */
  Optional<Destination> destination(String namespace, String name, int port);

  /** What a service's port says that is spoken there. */
  default BackendSpeech speech(String namespace, String name, int port) {
    return BackendSpeech.UNSAID;
  }

  /** What is said of all requests of a route. */
  default RouteTreatment treatment(Resource route) {
    return RouteTreatment.NONE;
  }

  /**
   * The same for somebody who shows this to those that TLS is spoken to.
   *
   * @param who it is, whatever is shown next
   */
  default Backends showing(ResourceKey who, ClientKey key) {
    return this;
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.route;

import dev.culvert.policy.resource.HttpRouteResource.BackendRef;
import dev.culvert.waypoint.plan.Destination;
import java.util.Optional;

/** What stands for a backend that cannot be sent to: it takes its share all the same. */
final class Missing {
  private Missing() {}

  static Destination unless(Optional<Destination> found, BackendRef named) {
    return found.orElseGet(
        () -> Destination.missing(named.to().namespace(), named.to().name(), named.port()));
  }
}

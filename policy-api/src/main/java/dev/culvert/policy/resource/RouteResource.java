// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.resource.HttpRouteResource.ParentRef;
import dev.culvert.policy.route.Hostname;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;

/** A route of the Gateway API, of requests or of connections: what it is attached to. */
public sealed interface RouteResource extends Resource
    permits HttpRouteResource, StreamRouteResource {

  /** Of two for the same thing the first has it (Gateway API, conflict resolution). */
  Comparator<RouteResource> OLDEST_FIRST =
      Comparator.comparing(
              (RouteResource route) -> route.metadata().creationTimestamp().orElse(Instant.EPOCH))
          .thenComparing(route -> route.metadata().namespace())
          .thenComparing(route -> route.metadata().name());

  /** What it is attached to, in the order in which it is written. */
  List<ParentRef> parents();

  /** For which hosts; none means every host of the parent. */
  List<Hostname> hostnames();
}

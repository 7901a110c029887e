// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import dev.culvert.policy.resource.HttpRouteResource.ParentRef;
import dev.culvert.policy.route.Hostname;
import java.util.List;

/** A route of the Gateway API, of requests or of connections: what it is attached to. */
public sealed interface RouteResource extends Resource
    permits HttpRouteResource, StreamRouteResource {

  /** What it is attached to, in the order in which it is written. */
  List<ParentRef> parents();

  /** For which hosts; none means every host of the parent. */
  List<Hostname> hostnames();
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.policy.authz.request.RequestPolicies;
import dev.culvert.policy.resource.AuthorizationPolicy;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.waypoint.kept.Piece;
import java.util.List;

/** What policies make of connections to a Gateway that nobody looks into. */
record ConnectionsJudged(ResourceKey about, List<AuthorizationPolicy> policies)
    implements Piece<RequestPolicies> {
  @Override
  public RequestPolicies make(List<String> problems) {
    return RequestPolicies.ofConnections(policies);
  }
}

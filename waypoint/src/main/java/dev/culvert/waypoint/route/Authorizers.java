// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.route;

import dev.culvert.policy.authz.PolicyKey;
import dev.culvert.policy.resource.HttpRouteFilter;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.plan.Destination;

/** Makes what asks others about the requests of rules. Equal ones make the same. */
@FunctionalInterface
public interface Authorizers {
  /**
   * A phase that asks.
   *
   * @param decider who is asked
   * @param route whose filter it is
   */
  Phase asking(HttpRouteFilter.ExternalAuth filter, Destination decider, PolicyKey route);
}

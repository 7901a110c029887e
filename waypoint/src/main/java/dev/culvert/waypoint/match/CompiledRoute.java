// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.match;

import dev.culvert.policy.route.HttpRoute;
import java.util.List;

/** A route, and what its rules do; equal to itself only. */
public final class CompiledRoute {
  private final HttpRoute route;
  private final List<Match.Rule> rules;

  /**
   * @param rules what each of the route's rules does, in their order
   */
  public CompiledRoute(HttpRoute route, List<Match.Rule> rules) {
    this.route = route;
    this.rules = List.copyOf(rules);
  }

  /** What is matched. */
  public HttpRoute route() {
    return route;
  }

  /** What each of its rules does, in their order. */
  public List<Match.Rule> rules() {
    return rules;
  }
}

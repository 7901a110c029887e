// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.policy.route.Hostname;
import dev.culvert.policy.route.HttpMatch;
import dev.culvert.policy.route.HttpRoute;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.kept.Piece;
import dev.culvert.waypoint.match.CompiledRoute;
import dev.culvert.waypoint.match.Match;
import dev.culvert.waypoint.plan.RoutePlan;
import java.time.Instant;
import java.util.List;

/** Has all requests go one way. */
record StraightMatch(Object about, RoutePlan plan, List<Phase> guards) implements Piece<Match> {
  @Override
  public Match make(List<String> problems) {
    HttpRoute.Rule rule = new HttpRoute.Rule(List.of(HttpMatch.ANY), List.of());
    HttpRoute route =
        new HttpRoute("", plan.name(), Instant.EPOCH, List.of(Hostname.ANY), List.of(rule));
    Match.Rule does = new Match.Rule(plan, List.of());
    return RoutesMatch.of(List.of(new CompiledRoute(route, List.of(does))), guards);
  }
}

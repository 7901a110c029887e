// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.policy.route.Hostname;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.kept.Piece;
import dev.culvert.waypoint.match.CompiledRoute;
import dev.culvert.waypoint.match.Match;
import dev.culvert.waypoint.match.RuleTable;
import java.util.List;

/** Finds the rule of a request among routes; refuses what none takes. */
record RoutesMatch(Object about, List<CompiledRoute> routes, List<Phase> guards)
    implements Piece<Match> {
  @Override
  public Match make(List<String> problems) {
    return of(routes, guards);
  }

  static Match of(List<CompiledRoute> routes, List<Phase> guards) {
    return new Match(List.of(new Match.Host(Hostname.ANY, new RuleTable(routes), guards)));
  }
}

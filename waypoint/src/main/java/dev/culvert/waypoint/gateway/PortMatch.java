// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.waypoint.kept.Piece;
import dev.culvert.waypoint.match.Match;
import java.util.List;

/** What finds the rule of a request to a port. */
record PortMatch(Integer about, List<Match.Host> hosts) implements Piece<Match> {
  @Override
  public Match make(List<String> problems) {
    return new Match(hosts);
  }
}

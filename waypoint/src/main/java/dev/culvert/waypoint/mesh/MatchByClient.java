// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.kept.Piece;
import dev.culvert.waypoint.match.Match;
import dev.culvert.waypoint.match.MeshMatch;
import java.util.List;
import java.util.Map;

/**
 * Finds the rule of a request to a port.
 *
 * @param consumers by the namespace of their clients
 * @param producer for all others
 */
record MatchByClient(Object about, Map<String, Match> consumers, Match producer)
    implements Piece<Phase> {
  @Override
  public Phase make(List<String> problems) {
    return new MeshMatch(consumers, producer);
  }
}

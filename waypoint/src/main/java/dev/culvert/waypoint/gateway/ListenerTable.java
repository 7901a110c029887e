// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.waypoint.kept.Piece;
import dev.culvert.waypoint.match.CompiledRoute;
import dev.culvert.waypoint.match.RuleTable;
import java.util.List;

/** The routes of a listener, to be found in. */
record ListenerTable(Object about, List<CompiledRoute> routes) implements Piece<RuleTable> {
  @Override
  public RuleTable make(List<String> problems) {
    return new RuleTable(routes);
  }
}

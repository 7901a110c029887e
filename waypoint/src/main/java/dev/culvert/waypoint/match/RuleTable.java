// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.match;

import dev.culvert.policy.route.HttpRoute;
import dev.culvert.policy.route.RequestHead;
import dev.culvert.policy.route.RouteTable;
import java.util.IdentityHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Routes to be found in, and what their rules do; equal to itself only. Immutable. */
public final class RuleTable {
  private final RouteTable table;
  private final IdentityHashMap<HttpRoute.Rule, Match.Rule> rules = new IdentityHashMap<>();

  public RuleTable(List<CompiledRoute> routes) {
    this.table = RouteTable.of(routes.stream().map(CompiledRoute::route).toList());
    routes.forEach(this::add);
  }

  private void add(CompiledRoute compiled) {
    List<HttpRoute.Rule> matched = compiled.route().rules();
    for (int i = 0; i < matched.size(); i++) {
      rules.put(matched.get(i), compiled.rules().get(i));
    }
  }

  /** What the rule does that takes the request; null when none takes it. */
  Match.@Nullable Rule find(RequestHead request) {
    return table.match(request).map(taken -> rules.get(taken.rule())).orElse(null);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.transform;

import dev.culvert.policy.resource.HttpRouteFilter;
import dev.culvert.policy.route.HttpMatch;
import dev.culvert.waypoint.exchange.Phase;
import java.util.List;

/** Makes phases of the filters that a rule has. */
public final class Filters {
  private Filters() {}

  /**
   * The phases, in the order of the filters.
   *
   * @param matches of the rule: a filter may replace what they matched
   */
  public static List<Phase> of(List<HttpRouteFilter> filters, List<HttpMatch> matches) {
    return filters.stream().map(filter -> of(filter, matches)).toList();
  }

  private static Phase of(HttpRouteFilter filter, List<HttpMatch> matches) {
    return switch (filter) {
      case HttpRouteFilter.Headers headers -> new HeaderChange(headers);
      case HttpRouteFilter.Redirect redirect ->
          new Redirect(redirect, redirect.path().map(path -> new NewPath(path, matches)));
      case HttpRouteFilter.Rewrite rewrite ->
          new Rewrite(rewrite.hostname(), rewrite.path().map(path -> new NewPath(path, matches)));
    };
  }
}

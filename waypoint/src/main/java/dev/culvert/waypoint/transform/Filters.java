// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.transform;

import dev.culvert.policy.resource.HttpRouteFilter;
import dev.culvert.policy.route.HttpMatch;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.plan.BackendFilter;
import dev.culvert.waypoint.plan.HeaderChange;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/** What the filters of rules and of their backends do. */
public final class Filters {
  private Filters() {}

  /**
   * The phases, in the order of the filters.
   *
   * @param matches of the rule: a filter may replace what they matched
   * @param asking makes those that have somebody decide
   */
  public static List<Phase> of(
      List<HttpRouteFilter> filters,
      List<HttpMatch> matches,
      Function<HttpRouteFilter.ExternalAuth, Phase> asking) {
    return filters.stream()
        .<Phase>mapMulti(
            (filter, next) -> {
              if (filter instanceof HttpRouteFilter.ExternalAuth auth) {
                next.accept(asking.apply(auth));
              } else {
                of(filter, matches).ifPresent(next);
              }
            })
        .toList();
  }

  /**
   * Those of a single backend.
   *
   * @param matches of its rule
   */
  public static List<BackendFilter> ofBackend(
      List<HttpRouteFilter> filters, List<HttpMatch> matches) {
    return all(filters, matches).map(BackendFilter.class::cast).toList();
  }

  private static Stream<Filter> all(List<HttpRouteFilter> filters, List<HttpMatch> matches) {
    return filters.stream().flatMap(filter -> of(filter, matches).stream());
  }

  /** A mirror is none: it is part of the plan; who decides is asked by a phase of others. */
  private static Optional<Filter> of(HttpRouteFilter filter, List<HttpMatch> matches) {
    return switch (filter) {
      case HttpRouteFilter.Headers headers ->
          Optional.of(new ChangeHeaders(new HeaderChange(headers)));
      case HttpRouteFilter.Redirect redirect ->
          Optional.of(
              new Redirect(redirect, redirect.path().map(path -> new NewPath(path, matches))));
      case HttpRouteFilter.Rewrite rewrite ->
          Optional.of(
              new Rewrite(
                  rewrite.hostname(), rewrite.path().map(path -> new NewPath(path, matches))));
      case HttpRouteFilter.Cors cors -> Optional.of(new Cors(cors));
      case HttpRouteFilter.Mirror _, HttpRouteFilter.ExternalAuth _ -> Optional.empty();
    };
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.route;

import dev.culvert.policy.resource.HttpRouteFilter;
import dev.culvert.policy.resource.HttpRouteResource;
import dev.culvert.policy.resource.HttpRouteResource.BackendRef;
import dev.culvert.policy.route.Hostname;
import dev.culvert.policy.route.HttpRoute;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.exchange.Refuse;
import dev.culvert.waypoint.kept.Piece;
import dev.culvert.waypoint.match.CompiledRoute;
import dev.culvert.waypoint.match.Match;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.HeaderChange;
import dev.culvert.waypoint.plan.Mirror;
import dev.culvert.waypoint.plan.Retries;
import dev.culvert.waypoint.plan.RoutePlan;
import dev.culvert.waypoint.plan.RouteTreatment;
import dev.culvert.waypoint.plan.Sessions;
import dev.culvert.waypoint.plan.Timeouts;
import dev.culvert.waypoint.transform.Filters;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A route of requests.
 *
 * @param closed why what it takes goes nowhere, if it does not
 * @param destinations what each of its rules names, in its order; empty for what cannot be sent to
 */
record RequestRoute(
    Object where,
    HttpRouteResource route,
    List<Hostname> hostnames,
    Optional<String> closed,
    List<Optional<Destination>> destinations,
    RouteTreatment treatment)
    implements Piece<CompiledRoute> {
  private static final long MILLIS = 1000;

  /** All that a rule sends requests or copies of them to: its backends, then its mirrors. */
  static Stream<BackendRef> named(HttpRouteResource.Rule rule) {
    return Stream.concat(rule.backends().stream(), mirrors(rule).map(HttpRouteFilter.Mirror::to));
  }

  private static Stream<HttpRouteFilter.Mirror> mirrors(HttpRouteResource.Rule rule) {
    return rule.changes().stream()
        .filter(HttpRouteFilter.Mirror.class::isInstance)
        .map(HttpRouteFilter.Mirror.class::cast);
  }

  @Override
  public Object about() {
    return List.of(where, route.key());
  }

  @Override
  public CompiledRoute make(List<String> problems) {
    Iterator<Optional<Destination>> next = destinations.iterator();
    Optional<List<Phase>> refusing = closed.map(Refuse::new).map(List::of);
    List<HttpRoute.Rule> matched = new ArrayList<>();
    List<Match.Rule> rules = new ArrayList<>();
    for (int i = 0; i < route.rules().size(); i++) {
      HttpRouteResource.Rule written = route.rules().get(i);
      HttpRoute.Rule rule = new HttpRoute.Rule(written.matches(), List.of());
      matched.add(rule);
      rules.add(
          new Match.Rule(
              plan(written, RuleNames.of(route, written.name(), i), next),
              refusing.orElseGet(() -> Filters.of(written.changes(), rule.matches()))));
    }
    return new CompiledRoute(
        new HttpRoute(
            route.metadata().namespace(),
            route.metadata().name(),
            route.metadata().creationTimestamp().orElse(Instant.EPOCH),
            hostnames,
            matched),
        rules);
  }

  private RoutePlan plan(
      HttpRouteResource.Rule rule, String name, Iterator<Optional<Destination>> next) {
    List<RoutePlan.Weighted> weighted = new ArrayList<>();
    for (BackendRef backend : rule.backends()) {
      weighted.add(
          new RoutePlan.Weighted(
              Missing.unless(next.next(), backend),
              backend.weight(),
              backend.changes().stream().map(HeaderChange::new).toList()));
    }
    return new RoutePlan(
        name,
        weighted,
        new Timeouts(rule.request(), rule.backendRequest()),
        rule.retry().map(RequestRoute::retries).orElse(Retries.STANDARD),
        mirrors(rule).map(one -> mirror(one, next)).toList(),
        rule.sessions().map(one -> new Sessions(one, () -> System.currentTimeMillis() / MILLIS)),
        treatment);
  }

  private static Retries retries(HttpRouteResource.Retry retry) {
    return new Retries(retry.attempts(), new HashSet<>(retry.codes()), retry.backoff(), true);
  }

  private static Mirror mirror(
      HttpRouteFilter.Mirror mirror, Iterator<Optional<Destination>> next) {
    return new Mirror(
        Missing.unless(next.next(), mirror.to()), mirror.numerator(), mirror.denominator());
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.route;

import dev.culvert.policy.authz.PolicyKey;
import dev.culvert.policy.resource.HttpRouteFilter;
import dev.culvert.policy.resource.HttpRouteResource;
import dev.culvert.policy.resource.HttpRouteResource.BackendRef;
import dev.culvert.policy.route.Hostname;
import dev.culvert.policy.route.HttpMatch;
import dev.culvert.policy.route.HttpRoute;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.exchange.Refuse;
import dev.culvert.waypoint.kept.Piece;
import dev.culvert.waypoint.match.CompiledRoute;
import dev.culvert.waypoint.match.Match;
import dev.culvert.waypoint.plan.BackendFilters;
import dev.culvert.waypoint.plan.Destination;
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

/**
 * A route of requests.
 *
 * @param closed why what it takes goes nowhere, if it does not
 * @param destinations what each of its rules names, in its order; empty for what cannot be sent to
 * @param authorizers make what asks those of them that decide
 */
record RequestRoute(
    Object where,
    HttpRouteResource route,
    List<Hostname> hostnames,
    Optional<String> closed,
    List<Optional<Destination>> destinations,
    RouteTreatment treatment,
    Authorizers authorizers)
    implements Piece<CompiledRoute> {
  private static final long MILLIS = 1000;

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
              plan(written, rule.matches(), RuleNames.of(route, written.name(), i), next),
              refusing.orElseGet(
                  () ->
                      Filters.of(written.changes(), rule.matches(), auth -> asking(auth, next)))));
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

  private Phase asking(HttpRouteFilter.ExternalAuth auth, Iterator<Optional<Destination>> next) {
    return next.next()
        .map(decider -> authorizers.asking(auth, decider, key()))
        .orElseGet(() -> new NobodyDecides(auth.to().to().key().toString()));
  }

  private PolicyKey key() {
    return new PolicyKey(route.metadata().namespace(), route.metadata().name());
  }

  private RoutePlan plan(
      HttpRouteResource.Rule rule,
      List<HttpMatch> matches,
      String name,
      Iterator<Optional<Destination>> next) {
    List<RoutePlan.Weighted> weighted = new ArrayList<>();
    for (BackendRef backend : rule.backends()) {
      Optional<Destination> found = next.next();
      List<Mirror> copies = mirrors(backend.filters(), next);
      weighted.add(
          new RoutePlan.Weighted(
              Missing.unless(found, backend),
              backend.weight(),
              found.isEmpty() ? BackendFilters.NONE : filters(backend, matches, copies)));
    }
    return new RoutePlan(
        name,
        weighted,
        new Timeouts(rule.request(), rule.backendRequest()),
        rule.retry().map(RequestRoute::retries).orElse(Retries.STANDARD),
        mirrors(rule.changes(), next),
        rule.sessions().map(one -> new Sessions(one, () -> System.currentTimeMillis() / MILLIS)),
        treatment);
  }

  private static Retries retries(HttpRouteResource.Retry retry) {
    return new Retries(retry.attempts(), new HashSet<>(retry.codes()), retry.backoff(), true);
  }

  private static BackendFilters filters(
      BackendRef backend, List<HttpMatch> matches, List<Mirror> copies) {
    return new BackendFilters(Filters.ofBackend(backend.filters(), matches), copies);
  }

  private static List<Mirror> mirrors(
      List<HttpRouteFilter> filters, Iterator<Optional<Destination>> next) {
    return HttpRouteFilter.mirrors(filters).map(one -> mirror(one, next)).toList();
  }

  private static Mirror mirror(
      HttpRouteFilter.Mirror mirror, Iterator<Optional<Destination>> next) {
    return new Mirror(
        Missing.unless(next.next(), mirror.to()), mirror.numerator(), mirror.denominator());
  }
}

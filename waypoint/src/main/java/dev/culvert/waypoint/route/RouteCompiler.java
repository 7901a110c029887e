// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.route;

import dev.culvert.policy.resource.HttpRouteFilter;
import dev.culvert.policy.resource.HttpRouteResource;
import dev.culvert.policy.resource.HttpRouteResource.BackendRef;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.StreamRouteResource;
import dev.culvert.policy.route.Hostname;
import dev.culvert.policy.route.HttpRoute;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.exchange.Refuse;
import dev.culvert.waypoint.match.Match;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.HeaderChange;
import dev.culvert.waypoint.plan.Mirror;
import dev.culvert.waypoint.plan.Retries;
import dev.culvert.waypoint.plan.RoutePlan;
import dev.culvert.waypoint.plan.Sessions;
import dev.culvert.waypoint.plan.Timeouts;
import dev.culvert.waypoint.transform.Filters;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;

/** Works out what the rules of a route do. */
public final class RouteCompiler {
  private static final long MILLIS = 1000;

  private final Backends backends;
  private final Grants grants;
  private final Closed closed;
  private final List<String> problems;

  /**
   * @param backends that rules may name
   * @param grants by which they name those of other namespaces
   * @param closed routes, which take what is theirs and send it nowhere
   * @param problems to which what has no effect is added
   */
  public RouteCompiler(Backends backends, Grants grants, Closed closed, List<String> problems) {
    this.backends = backends;
    this.grants = grants;
    this.closed = closed;
    this.problems = problems;
  }

  /**
   * Works out one route.
   *
   * @param hostnames those that it takes here
   * @param rules to which what each of its rules does is added
   */
  public HttpRoute compile(
      HttpRouteResource route,
      List<Hostname> hostnames,
      IdentityHashMap<HttpRoute.Rule, Match.Rule> rules) {
    ObjectMeta metadata = route.metadata();
    Optional<List<Phase>> refusing = closed.route(route.key()).map(Refuse::new).map(List::of);
    List<HttpRoute.Rule> matched = new ArrayList<>();
    for (int i = 0; i < route.rules().size(); i++) {
      HttpRouteResource.Rule written = route.rules().get(i);
      HttpRoute.Rule rule = new HttpRoute.Rule(written.matches(), List.of());
      String own = written.name().isEmpty() ? Integer.toString(i) : written.name();
      String name = "%s/%s/%s".formatted(metadata.namespace(), metadata.name(), own);
      rules.put(
          rule,
          new Match.Rule(
              plan(written, name, route),
              refusing.orElseGet(() -> Filters.of(written.changes(), rule.matches()))));
      matched.add(rule);
    }
    return new HttpRoute(
        metadata.namespace(),
        metadata.name(),
        metadata.creationTimestamp().orElse(Instant.EPOCH),
        hostnames,
        matched);
  }

  private RoutePlan plan(HttpRouteResource.Rule rule, String name, HttpRouteResource route) {
    List<RoutePlan.Weighted> weighted = new ArrayList<>();
    for (BackendRef backend : rule.backends()) {
      weighted.add(
          new RoutePlan.Weighted(
              destination(backend, name, route),
              backend.weight(),
              backend.changes().stream().map(HeaderChange::new).toList()));
    }
    Retries retries =
        rule.retry()
            .map(
                retry ->
                    new Retries(
                        retry.attempts(), new HashSet<>(retry.codes()), retry.backoff(), true))
            .orElse(Retries.STANDARD);
    return new RoutePlan(
        name,
        weighted,
        new Timeouts(rule.request(), rule.backendRequest()),
        retries,
        mirrors(rule, name, route),
        rule.sessions().map(one -> new Sessions(one, () -> System.currentTimeMillis() / MILLIS)),
        backends.treatment(route));
  }

  /** Where the connections of a route go: nowhere while it is closed. */
  public RoutePlan compile(StreamRouteResource route) {
    ObjectMeta metadata = route.metadata();
    StreamRouteResource.Rule rule = route.rules().getFirst();
    List<BackendRef> backends = closed.route(route.key()).isPresent() ? List.of() : rule.backends();
    String name =
        "%s/%s/%s"
            .formatted(
                metadata.namespace(), metadata.name(), rule.name().isEmpty() ? "0" : rule.name());
    return new RoutePlan(
        name,
        backends.stream()
            .map(
                backend ->
                    new RoutePlan.Weighted(destination(backend, name, route), backend.weight()))
            .toList(),
        Timeouts.NONE,
        Retries.STANDARD);
  }

  private List<Mirror> mirrors(HttpRouteResource.Rule rule, String name, HttpRouteResource route) {
    List<Mirror> mirrors = new ArrayList<>();
    for (HttpRouteFilter filter : rule.changes()) {
      if (filter instanceof HttpRouteFilter.Mirror one) {
        mirrors.add(
            new Mirror(destination(one.to(), name, route), one.numerator(), one.denominator()));
      }
    }
    return mirrors;
  }

  /** One that cannot be sent to takes its share all the same, and answers 500 (HTTPBackendRef). */
  private Destination destination(BackendRef backend, String rule, Resource route) {
    String to = backend.to().namespace();
    String name = backend.to().name();
    if (!grants.allow(route.kind(), route.metadata().namespace(), backend.to())) {
      problems.add(
          "rule %s: no ReferenceGrant of namespace %s lets a %s of %s name Service %s; its requests get 500"
              .formatted(rule, to, route.kind(), route.metadata().namespace(), name));
      return Destination.missing(to, name, backend.port());
    }
    Optional<Destination> found = backends.destination(to, name, backend.port());
    if (found.isEmpty()) {
      problems.add(
          "rule %s: there is no Service %s/%s with port %d; its requests get 500"
              .formatted(rule, to, name, backend.port()));
    }
    return found.orElseGet(() -> Destination.missing(to, name, backend.port()));
  }
}

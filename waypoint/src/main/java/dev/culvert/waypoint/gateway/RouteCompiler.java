// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.policy.resource.HttpRouteResource;
import dev.culvert.policy.resource.HttpRouteResource.BackendRef;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.route.Hostname;
import dev.culvert.policy.route.HttpRoute;
import dev.culvert.waypoint.match.Match;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.Retries;
import dev.culvert.waypoint.plan.RoutePlan;
import dev.culvert.waypoint.plan.Timeouts;
import dev.culvert.waypoint.transform.Filters;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Optional;

/** Works out what the rules of a route do. */
final class RouteCompiler {
  private final Endpoints endpoints;
  private final List<String> problems;

  RouteCompiler(Endpoints endpoints, List<String> problems) {
    this.endpoints = endpoints;
    this.problems = problems;
  }

  HttpRoute compile(
      HttpRouteResource route,
      List<Hostname> hostnames,
      IdentityHashMap<HttpRoute.Rule, Match.Rule> rules) {
    ObjectMeta metadata = route.metadata();
    List<HttpRoute.Rule> matched = new ArrayList<>();
    for (int i = 0; i < route.rules().size(); i++) {
      HttpRouteResource.Rule written = route.rules().get(i);
      HttpRoute.Rule rule = new HttpRoute.Rule(written.matches(), List.of());
      String own = written.name().isEmpty() ? Integer.toString(i) : written.name();
      String name = "%s/%s/%s".formatted(metadata.namespace(), metadata.name(), own);
      rules.put(
          rule,
          new Match.Rule(
              plan(written, name, metadata.namespace()),
              Filters.of(written.changes(), rule.matches())));
      matched.add(rule);
    }
    return new HttpRoute(
        metadata.namespace(),
        metadata.name(),
        metadata.creationTimestamp().orElse(Instant.EPOCH),
        hostnames,
        matched);
  }

  private RoutePlan plan(HttpRouteResource.Rule rule, String name, String namespace) {
    List<RoutePlan.Weighted> weighted = new ArrayList<>();
    for (BackendRef backend : rule.backends()) {
      weighted.add(new RoutePlan.Weighted(destination(backend, name, namespace), backend.weight()));
    }
    Retries retries =
        rule.retry()
            .map(
                retry ->
                    new Retries(
                        retry.attempts(), new HashSet<>(retry.codes()), retry.backoff(), true))
            .orElse(Retries.STANDARD);
    return new RoutePlan(
        name, weighted, new Timeouts(rule.request(), rule.backendRequest()), retries);
  }

  /** One that cannot be sent to takes its share all the same, and answers 500 (HTTPBackendRef). */
  private Destination destination(BackendRef backend, String rule, String namespace) {
    String to = backend.to().namespace();
    String name = backend.to().name();
    if (!to.equals(namespace)) {
      problems.add(
          "rule %s: backend %s/%s is of another namespace and no ReferenceGrant is read; its"
                  .formatted(rule, to, name)
              + " requests get 500");
      return Destination.missing(to, name, backend.port());
    }
    Optional<Destination> found = endpoints.destination(to, name, backend.port());
    if (found.isEmpty()) {
      problems.add(
          "rule %s: there is no Service %s/%s with port %d; its requests get 500"
              .formatted(rule, to, name, backend.port()));
    }
    return found.orElseGet(() -> Destination.missing(to, name, backend.port()));
  }
}

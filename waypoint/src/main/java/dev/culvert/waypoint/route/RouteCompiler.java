// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.route;

import dev.culvert.policy.mesh.BackendSpeech;
import dev.culvert.policy.resource.HttpRouteResource;
import dev.culvert.policy.resource.HttpRouteResource.BackendRef;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.StreamRouteResource;
import dev.culvert.policy.route.Hostname;
import dev.culvert.waypoint.kept.Kept;
import dev.culvert.waypoint.match.CompiledRoute;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.RoutePlan;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** Works out what the rules of a route do. */
public final class RouteCompiler {
  private final Backends backends;
  private final Grants grants;
  private final Authorizers authorizers;
  private final Closed closed;
  private final Kept kept;
  private final List<String> problems;

  /**
   * @param backends that rules may name
   * @param grants by which they name those of other namespaces
   * @param authorizers make what asks those whom filters name
   * @param closed routes, which take what is theirs and send it nowhere
   * @param kept of the routes of before
   * @param problems to which what has no effect is added
   */
  public RouteCompiler(
      Backends backends,
      Grants grants,
      Authorizers authorizers,
      Closed closed,
      Kept kept,
      List<String> problems) {
    this.authorizers = authorizers;
    this.backends = backends;
    this.grants = grants;
    this.closed = closed;
    this.kept = kept;
    this.problems = problems;
  }

  /**
   * Works out one route.
   *
   * @param where it is attached: elsewhere it comes to something else
   * @param hostnames those that it takes there
   */
  public CompiledRoute compile(Object where, HttpRouteResource route, List<Hostname> hostnames) {
    return compile(where, route, hostnames, _ -> false);
  }

  /**
   * The same where some services may be named without a grant.
   *
   * @param free those
   */
  public CompiledRoute compile(
      Object where, HttpRouteResource route, List<Hostname> hostnames, Predicate<BackendRef> free) {
    List<Optional<Destination>> destinations = new ArrayList<>();
    for (int i = 0; i < route.rules().size(); i++) {
      HttpRouteResource.Rule rule = route.rules().get(i);
      int number = i;
      Supplier<String> name = () -> RuleNames.of(route, rule.name(), number);
      rule.named().forEach(one -> destinations.add(destination(one, name, route, free)));
    }
    return kept.of(
        new RequestRoute(
            where,
            route,
            hostnames,
            closed.route(route.key()),
            destinations,
            backends.treatment(route),
            authorizers),
        problems);
  }

  /**
   * Where the connections of a route go: nowhere while it is closed.
   *
   * @param where it is attached
   */
  public RoutePlan compile(Object where, StreamRouteResource route) {
    return compile(where, route, _ -> false);
  }

  /**
   * The same where some services may be named without a grant.
   *
   * @param free those
   */
  public RoutePlan compile(Object where, StreamRouteResource route, Predicate<BackendRef> free) {
    StreamRouteResource.Rule rule = route.rules().getFirst();
    String name = RuleNames.of(route, rule.name(), 0);
    boolean isClosed = closed.route(route.key()).isPresent();
    List<BackendRef> named = isClosed ? List.of() : rule.backends();
    List<Optional<Destination>> destinations =
        named.stream().map(backend -> destination(backend, () -> name, route, free)).toList();
    return kept.of(new StreamRoute(where, route.key(), name, named, destinations), problems);
  }

  /**
   * One that cannot be sent to takes its share all the same, and answers 500 (HTTPBackendRef).
   *
   * @param rule its name, for a problem
   */
  private Optional<Destination> destination(
      BackendRef backend, Supplier<String> rule, Resource route, Predicate<BackendRef> free) {
    String to = backend.to().namespace();
    String name = backend.to().name();
    if (!backend.isService()) {
      problems.add(
          "rule %s: a %s cannot be sent to, as %s/%s is; its requests get 500"
              .formatted(rule.get(), backend.to().kind(), to, name));
      return Optional.empty();
    }
    if (!free.test(backend)
        && !grants.allow(route.kind(), route.metadata().namespace(), backend.to())) {
      problems.add(
          "rule %s: no ReferenceGrant of namespace %s lets a %s of %s name Service %s; its requests get 500"
              .formatted(rule.get(), to, route.kind(), route.metadata().namespace(), name));
      return Optional.empty();
    }
    BackendSpeech speech = backends.speech(to, name, backend.port());
    if (!speech.takes(route.kind())) {
      problems.add(
          "rule %s: Service %s/%s, port %d: %s; its requests get 500"
              .formatted(rule.get(), to, name, backend.port(), speech.problem(route.kind())));
      return Optional.empty();
    }
    Optional<Destination> found = backends.destination(to, name, backend.port());
    if (found.isEmpty()) {
      problems.add(
          "rule %s: there is no Service %s/%s with port %d; its requests get 500"
              .formatted(rule.get(), to, name, backend.port()));
    }
    return found;
  }
}

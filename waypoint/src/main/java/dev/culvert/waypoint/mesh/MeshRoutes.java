// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.policy.resource.HttpRouteResource;
import dev.culvert.policy.resource.HttpRouteResource.ParentRef;
import dev.culvert.policy.resource.Resources;
import dev.culvert.policy.route.Hostname;
import dev.culvert.policy.route.HttpMatch;
import dev.culvert.policy.route.HttpRoute;
import dev.culvert.policy.route.RouteTable;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.match.Match;
import dev.culvert.waypoint.match.MeshMatch;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.Retries;
import dev.culvert.waypoint.plan.RoutePlan;
import dev.culvert.waypoint.plan.Timeouts;
import dev.culvert.waypoint.route.Closed;
import dev.culvert.waypoint.route.Grants;
import dev.culvert.waypoint.route.RouteCompiler;
import dev.culvert.ztunnel.xds.Service;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * The routes that are attached to services (Gateway API, GEP-1426). Where there is none for a
 * service, its requests go to its own endpoints; where there are some and no rule takes a request,
 * it is refused.
 */
final class MeshRoutes {
  private static final List<Hostname> EVERY_HOST = List.of(Hostname.ANY);

  private final Map<String, List<HttpRouteResource>> byService = new HashMap<>();
  private final RouteCompiler compiler;
  private final List<String> problems = new ArrayList<>();

  MeshRoutes(Resources files, MeshBackends backends, Closed closed) {
    this.compiler = new RouteCompiler(backends, new Grants(files), closed, problems);
    files.resources(HttpRouteResource.class).forEach(this::index);
  }

  private void index(HttpRouteResource route) {
    route.parents().stream()
        .filter(MeshRoutes::isService)
        .map(parent -> key(parent.to().namespace(), parent.to().name()))
        .distinct()
        .forEach(key -> byService.computeIfAbsent(key, _ -> new ArrayList<>()).add(route));
  }

  private static boolean isService(ParentRef parent) {
    return parent.to().kind().equals("Service") && parent.to().group().isEmpty();
  }

  private static String key(String namespace, String name) {
    return namespace + "/" + name;
  }

  /** What has no effect, and why; complete when the routes of all services were asked for. */
  List<String> problems() {
    return problems;
  }

  /** Whether requests to the port of the service are routed. */
  boolean hasAny(Service service, int port) {
    return !attached(service, port).isEmpty();
  }

  private List<HttpRouteResource> attached(Service service, int port) {
    return byService.getOrDefault(key(service.namespace(), service.name()), List.of()).stream()
        .filter(route -> route.parents().stream().anyMatch(one -> names(one, service, port)))
        .toList();
  }

  private static boolean names(ParentRef parent, Service service, int port) {
    return isService(parent)
        && parent.to().namespace().equals(service.namespace())
        && parent.to().name().equals(service.name())
        && (parent.port() == 0 || parent.port() == port);
  }

  /**
   * The phase that finds the rule of a request to the port of a service.
   *
   * @param own where requests go that no route is for
   * @param guards what decides whether they may go on
   */
  Phase match(Service service, int port, Destination own, List<Phase> guards) {
    Map<String, List<HttpRouteResource>> byNamespace = new HashMap<>();
    for (HttpRouteResource route : attached(service, port)) {
      byNamespace.computeIfAbsent(route.metadata().namespace(), _ -> new ArrayList<>()).add(route);
    }
    List<HttpRouteResource> producers = byNamespace.remove(service.namespace());
    Map<String, Match> consumers = new HashMap<>();
    byNamespace.forEach((namespace, routes) -> consumers.put(namespace, compile(routes, guards)));
    return new MeshMatch(
        consumers, producers == null ? everything(own, guards) : compile(producers, guards));
  }

  private Match compile(List<HttpRouteResource> routes, List<Phase> guards) {
    IdentityHashMap<HttpRoute.Rule, Match.Rule> rules = new IdentityHashMap<>();
    List<HttpRoute> compiled =
        routes.stream().map(route -> compiler.compile(route, EVERY_HOST, rules)).toList();
    return table(compiled, rules, guards);
  }

  /** Sends every request to one destination. */
  static Match everything(Destination to, List<Phase> guards) {
    HttpRoute.Rule rule = new HttpRoute.Rule(List.of(HttpMatch.ANY), List.of());
    IdentityHashMap<HttpRoute.Rule, Match.Rule> rules = new IdentityHashMap<>();
    RoutePlan plan =
        new RoutePlan(
            "default", List.of(new RoutePlan.Weighted(to, 1)), Timeouts.NONE, Retries.STANDARD);
    rules.put(rule, new Match.Rule(plan, List.of()));
    HttpRoute route =
        new HttpRoute(to.namespace(), "default", Instant.EPOCH, EVERY_HOST, List.of(rule));
    return table(List.of(route), rules, guards);
  }

  private static Match table(
      List<HttpRoute> routes,
      IdentityHashMap<HttpRoute.Rule, Match.Rule> rules,
      List<Phase> guards) {
    return new Match(List.of(new Match.Host(Hostname.ANY, RouteTable.of(routes), guards)), rules);
  }
}

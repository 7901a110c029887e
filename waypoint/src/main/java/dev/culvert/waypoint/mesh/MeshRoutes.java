// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.policy.resource.HttpRouteResource;
import dev.culvert.policy.resource.Resources;
import dev.culvert.policy.resource.RouteResource;
import dev.culvert.policy.resource.StreamRouteResource;
import dev.culvert.policy.route.Hostname;
import dev.culvert.policy.route.HttpMatch;
import dev.culvert.policy.route.HttpRoute;
import dev.culvert.policy.route.RouteTable;
import dev.culvert.waypoint.accept.ByServerName;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.match.Match;
import dev.culvert.waypoint.match.MeshMatch;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.Retries;
import dev.culvert.waypoint.plan.RoutePlan;
import dev.culvert.waypoint.plan.Timeouts;
import dev.culvert.waypoint.route.Backends;
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
import java.util.stream.Stream;

/**
 * What the routes of services do (Gateway API, GEP-1426). Where there is none for a service, what
 * is for it goes to its own endpoints; where there are some for requests and no rule takes one, it
 * is refused.
 */
final class MeshRoutes {
  private static final List<Hostname> EVERY_HOST = List.of(Hostname.ANY);

  private final AttachedRoutes attached;
  private final RouteCompiler compiler;
  private final List<String> problems = new ArrayList<>();

  /** What the routes of one namespace come to; requests may be on connections from before. */
  private record Group(Carriage carriage, Match match) {}

  MeshRoutes(Resources files, Backends backends, Closed closed) {
    this.compiler = new RouteCompiler(backends, new Grants(files), closed, problems);
    this.attached = new AttachedRoutes(files);
  }

  /** What has no effect, and why; complete when the routes of all services were asked for. */
  List<String> problems() {
    return problems;
  }

  /**
   * What the routes of a port of a service come to.
   *
   * @param own where it goes that no route is for
   * @param guards what decides whether requests may go on
   */
  PortRoutes of(Asked.OfService asked, Own own, List<Phase> guards) {
    Service service = asked.service();
    Map<String, Group> groups = new HashMap<>();
    attached
        .counting(service, asked.port())
        .forEach((namespace, routes) -> groups.put(namespace, group(routes, guards)));
    Group producer = groups.remove(service.namespace());
    if (producer == null) {
      producer = without(asked, own, guards);
    }
    Map<String, Carriage> carriages = new HashMap<>();
    Map<String, Match> matches = new HashMap<>();
    groups.forEach(
        (namespace, group) -> {
          carriages.put(namespace, group.carriage);
          matches.put(namespace, group.match);
        });
    return new PortRoutes(
        new Carriages(carriages, producer.carriage), new MeshMatch(matches, producer.match));
  }

  /** Where there are no routes. */
  static PortRoutes none(Asked asked, Own own, List<Phase> guards) {
    Group group = without(asked, own, guards);
    return new PortRoutes(new Carriages(group.carriage), group.match);
  }

  private static Group without(Asked asked, Own own, List<Phase> guards) {
    return new Group(carriage(asked, own.connections()), everything(to(own.requests()), guards));
  }

  /** What becomes of connections that no route is for. */
  static Carriage carriage(Asked asked, Destination own) {
    return switch (asked.protocol()) {
      case HTTP1, HTTP2, GRPC -> new Carriage.Requests();
      case TCP, TLS, UNKNOWN -> new Carriage.Bytes(to(own));
    };
  }

  private static RoutePlan to(Destination own) {
    return new RoutePlan(
        "default", List.of(new RoutePlan.Weighted(own, 1)), Timeouts.NONE, Retries.STANDARD);
  }

  private Group group(List<RouteResource> ofOneKind, List<Phase> guards) {
    List<HttpRouteResource> requests = of(HttpRouteResource.class, ofOneKind).toList();
    if (!requests.isEmpty()) {
      return new Group(new Carriage.Requests(), compile(requests, guards));
    }
    List<StreamRouteResource> streams =
        of(StreamRouteResource.class, ofOneKind).sorted(RouteResource.OLDEST_FIRST).toList();
    return streams.getFirst().kind().equals("TLSRoute")
        ? new Group(new Carriage.Handshake(byServerName(streams)), nothing(guards))
        : bytes(compiler.compile(streams.getFirst()), guards);
  }

  private static Group bytes(RoutePlan plan, List<Phase> guards) {
    return new Group(new Carriage.Bytes(plan), everything(plan, guards));
  }

  /** Of two routes for a name the older one has it (Gateway API, TLSRoute). */
  private ByServerName<RoutePlan> byServerName(List<StreamRouteResource> oldestFirst) {
    Map<String, RoutePlan> byName = new HashMap<>();
    for (StreamRouteResource route : oldestFirst) {
      RoutePlan plan = compiler.compile(route);
      List<Hostname> names = route.hostnames().isEmpty() ? EVERY_HOST : route.hostnames();
      names.forEach(name -> byName.putIfAbsent(name.name(), plan));
    }
    return new ByServerName<>(byName);
  }

  private static <T> Stream<T> of(Class<T> type, List<RouteResource> routes) {
    return routes.stream().filter(type::isInstance).map(type::cast);
  }

  private Match compile(List<HttpRouteResource> routes, List<Phase> guards) {
    IdentityHashMap<HttpRoute.Rule, Match.Rule> rules = new IdentityHashMap<>();
    List<HttpRoute> compiled =
        routes.stream().map(route -> compiler.compile(route, EVERY_HOST, rules)).toList();
    return table(compiled, rules, guards);
  }

  /** Refuses all requests. */
  private static Match nothing(List<Phase> guards) {
    return table(List.of(), new IdentityHashMap<>(), guards);
  }

  private static Match everything(RoutePlan plan, List<Phase> guards) {
    HttpRoute.Rule rule = new HttpRoute.Rule(List.of(HttpMatch.ANY), List.of());
    IdentityHashMap<HttpRoute.Rule, Match.Rule> rules = new IdentityHashMap<>();
    rules.put(rule, new Match.Rule(plan, List.of()));
    HttpRoute route = new HttpRoute("", plan.name(), Instant.EPOCH, EVERY_HOST, List.of(rule));
    return table(List.of(route), rules, guards);
  }

  private static Match table(
      List<HttpRoute> routes,
      IdentityHashMap<HttpRoute.Rule, Match.Rule> rules,
      List<Phase> guards) {
    return new Match(List.of(new Match.Host(Hostname.ANY, RouteTable.of(routes), guards)), rules);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.policy.resource.HttpRouteResource;
import dev.culvert.policy.resource.HttpRouteResource.BackendRef;
import dev.culvert.policy.resource.Resources;
import dev.culvert.policy.resource.RouteResource;
import dev.culvert.policy.resource.StreamRouteResource;
import dev.culvert.policy.route.Hostname;
import dev.culvert.waypoint.accept.ByServerName;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.kept.Kept;
import dev.culvert.waypoint.match.Match;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.RoutePlan;
import dev.culvert.waypoint.route.Authorizers;
import dev.culvert.waypoint.route.Backends;
import dev.culvert.waypoint.route.Closed;
import dev.culvert.waypoint.route.Grants;
import dev.culvert.waypoint.route.RouteCompiler;
import dev.culvert.ztunnel.xds.Service;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * What the routes of services do (Gateway API, GEP-1426). Where there is none for a service, what
 * is for it goes to its own endpoints; where there are some for requests and no rule takes one, it
 * is refused.
 */
final class MeshRoutes {
  private static final List<Hostname> EVERY_HOST = List.of(Hostname.ANY);

  /** A producer's route comes to the same at all ports. */
  private static final String ANYWHERE = "";

  private final AttachedRoutes attached;
  private final RouteCompiler compiler;
  private final List<String> problems = new ArrayList<>();

  /** What the routes of one namespace come to; requests may be on connections from before. */
  private record Group(Carriage carriage, Match match) {}

  /**
   * Where routes are.
   *
   * @param where what they come to something else by
   * @param free who may be named without a grant
   */
  private record Place(Object where, Predicate<BackendRef> free) {}

  /**
   * Routes for one port.
   *
   * @param namespace of the routes; empty where there are none
   */
  private record Key(String destination, int port, String namespace) {
    static Key of(Asked asked, String namespace) {
      return new Key(asked.key(), asked.address().getPort(), namespace);
    }
  }

  MeshRoutes(
      Resources files, Backends backends, Authorizers authorizers, Closed closed, Kept kept) {
    this.compiler =
        new RouteCompiler(backends, new Grants(files), authorizers, closed, kept, problems);
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
   * @param kept of what the port comes to
   */
  PortRoutes of(Asked.OfService asked, Own own, List<Phase> guards, Kept kept) {
    Map<String, Group> groups = new HashMap<>();
    attached
        .counting(asked.service(), asked.port())
        .forEach(
            (namespace, routes) ->
                groups.put(
                    namespace,
                    group(
                        place(asked, namespace), Key.of(asked, namespace), routes, guards, kept)));
    Group producer = groups.remove(asked.service().namespace());
    if (producer == null) {
      producer = without(asked, own, guards, kept);
    }
    Map<String, Carriage> carriages = new HashMap<>();
    Map<String, Match> matches = new HashMap<>();
    groups.forEach(
        (namespace, group) -> {
          carriages.put(namespace, group.carriage);
          matches.put(namespace, group.match);
        });
    return new PortRoutes(
        new Carriages(carriages, producer.carriage),
        kept.of(new MatchByClient(Key.of(asked, ""), matches, producer.match), problems));
  }

  /** Where there are no routes. */
  PortRoutes none(Asked asked, Own own, List<Phase> guards, Kept kept) {
    Group group = without(asked, own, guards, kept);
    return new PortRoutes(new Carriages(group.carriage), group.match);
  }

  private Group without(Asked asked, Own own, List<Phase> guards, Kept kept) {
    Key key = Key.of(asked, "");
    RoutePlan requests = kept.of(new StraightPlan(key, own.requests()), problems);
    return new Group(
        carriage(asked, own.connections()),
        kept.of(new StraightMatch(key, requests, guards), problems));
  }

  /** What becomes of connections that no route is for. */
  static Carriage carriage(Asked asked, Destination own) {
    return switch (asked.protocol()) {
      case HTTP1, HTTP2, GRPC -> new Carriage.Requests();
      case TCP, TLS, UNKNOWN -> new Carriage.Bytes(StraightPlan.of(own));
    };
  }

  /**
   * A consumer may have its requests go on to where they were going, as they would without the
   * route (GEP-1426); a grant lets it have the waypoint send them where it might not go itself.
   */
  private static Place place(Asked.OfService asked, String namespace) {
    Service service = asked.service();
    return namespace.equals(service.namespace())
        ? new Place(ANYWHERE, _ -> false)
        : new Place(
            Key.of(asked, namespace),
            named ->
                named.to().namespace().equals(service.namespace())
                    && named.to().name().equals(service.name())
                    && named.port() == asked.port().servicePort());
  }

  private Group group(
      Place place, Key key, List<RouteResource> ofOneKind, List<Phase> guards, Kept kept) {
    List<HttpRouteResource> requests = of(HttpRouteResource.class, ofOneKind).toList();
    if (!requests.isEmpty()) {
      return new Group(new Carriage.Requests(), compile(place, key, requests, guards, kept));
    }
    List<StreamRouteResource> streams =
        of(StreamRouteResource.class, ofOneKind).sorted(RouteResource.OLDEST_FIRST).toList();
    return streams.getFirst().kind().equals("TLSRoute")
        ? new Group(
            new Carriage.Handshake(byServerName(place, streams)),
            compile(place, key, List.of(), guards, kept))
        : bytes(key, plan(place, streams.getFirst()), guards, kept);
  }

  private RoutePlan plan(Place place, StreamRouteResource route) {
    return compiler.compile(place.where, route, place.free);
  }

  private Group bytes(Key key, RoutePlan plan, List<Phase> guards, Kept kept) {
    return new Group(
        new Carriage.Bytes(plan), kept.of(new StraightMatch(key, plan, guards), problems));
  }

  /** Of two routes for a name the older one has it (Gateway API, TLSRoute). */
  private ByServerName<RoutePlan> byServerName(Place place, List<StreamRouteResource> oldestFirst) {
    Map<String, RoutePlan> byName = new HashMap<>();
    for (StreamRouteResource route : oldestFirst) {
      RoutePlan plan = plan(place, route);
      List<Hostname> names = route.hostnames().isEmpty() ? EVERY_HOST : route.hostnames();
      names.forEach(name -> byName.putIfAbsent(name.name(), plan));
    }
    return new ByServerName<>(byName);
  }

  private static <T> Stream<T> of(Class<T> type, List<RouteResource> routes) {
    return routes.stream().filter(type::isInstance).map(type::cast);
  }

  /** Where there are none all requests are refused. */
  private Match compile(
      Place place, Key key, List<HttpRouteResource> routes, List<Phase> guards, Kept kept) {
    return kept.of(
        new RoutesMatch(
            key,
            routes.stream()
                .map(one -> compiler.compile(place.where, one, EVERY_HOST, place.free))
                .toList(),
            guards),
        problems);
  }
}

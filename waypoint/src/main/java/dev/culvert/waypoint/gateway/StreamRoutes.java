// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.RouteResource;
import dev.culvert.policy.resource.StreamRouteResource;
import dev.culvert.waypoint.accept.TlsEnd;
import dev.culvert.waypoint.kept.Kept;
import dev.culvert.waypoint.plan.RoutePlan;
import dev.culvert.waypoint.route.RouteCompiler;
import dev.culvert.waypoint.stream.StreamPlan;
import dev.culvert.waypoint.stream.Streams;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Where connections go that nobody looks into (Gateway API, TLSRoute and TCPRoute). */
final class StreamRoutes {
  private final Attachments attachments;
  private final Function<GatewayResource, RouteCompiler> compilers;
  private final Streams streams;
  private final Kept kept;
  private final List<String> problems;

  StreamRoutes(
      Attachments attachments,
      Function<GatewayResource, RouteCompiler> compilers,
      Streams streams,
      Kept kept,
      List<String> problems) {
    this.problems = problems;
    this.kept = kept;
    this.attachments = attachments;
    this.compilers = compilers;
    this.streams = streams;
  }

  /** Of two routes for a name the older one has it (Gateway API, TLSRoute). */
  void passThrough(Bound bound, Map<String, TlsEnd> byHost) {
    for (StreamRouteResource route : routes("TLSRoute", bound)) {
      put(route, bound, carried(Optional.empty(), route, bound), byHost);
    }
  }

  /** The same where TLS ends here; what no TLSRoute has is the oldest TCPRoute's. */
  void terminate(Bound bound, TlsEnd.Here end, Map<String, TlsEnd> byHost) {
    for (StreamRouteResource route : routes("TLSRoute", bound)) {
      put(route, bound, carried(Optional.of(end), route, bound), byHost);
    }
    routes("TCPRoute", bound).stream()
        .findFirst()
        .ifPresent(route -> put(route, bound, carried(Optional.of(end), route, bound), byHost));
  }

  private TlsEnd carried(Optional<TlsEnd.Here> end, StreamRouteResource route, Bound bound) {
    return kept.of(
        new CarriedTls(bound.key(), route.key(), end, plan(route, bound), streams), problems);
  }

  private static void put(
      StreamRouteResource route, Bound bound, TlsEnd end, Map<String, TlsEnd> byHost) {
    bound
        .hostnames(route.hostnames())
        .ifPresent(names -> names.forEach(name -> byHost.putIfAbsent(name.name(), end)));
  }

  /** Where there is no route connections are refused. */
  StreamPlan tcp(Bound bound) {
    return routes("TCPRoute", bound).stream()
        .findFirst()
        .map(route -> plan(route, bound))
        .orElseGet(
            () -> plan(kept.of(new NoStreamRoute(bound.key(), bound.name()), problems), bound));
  }

  private StreamPlan plan(StreamRouteResource route, Bound bound) {
    return plan(compilers.apply(bound.gateway()).compile(bound.key(), route), bound);
  }

  private static StreamPlan plan(RoutePlan route, Bound bound) {
    return new StreamPlan(route, bound.gateway().key());
  }

  /** The oldest first. */
  private List<StreamRouteResource> routes(String kind, Bound bound) {
    return attachments
        .of(StreamRouteResource.class, route -> route.kind().equals(kind), bound)
        .sorted(RouteResource.OLDEST_FIRST)
        .toList();
  }
}

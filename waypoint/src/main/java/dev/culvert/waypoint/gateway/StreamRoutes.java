// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.Resources;
import dev.culvert.policy.resource.RouteResource;
import dev.culvert.policy.resource.StreamRouteResource;
import dev.culvert.waypoint.accept.TlsEnd;
import dev.culvert.waypoint.plan.Retries;
import dev.culvert.waypoint.plan.RoutePlan;
import dev.culvert.waypoint.plan.Timeouts;
import dev.culvert.waypoint.route.RouteCompiler;
import dev.culvert.waypoint.stream.StreamPlan;
import dev.culvert.waypoint.stream.Streams;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** Where connections go that nobody looks into (Gateway API, TLSRoute and TCPRoute). */
final class StreamRoutes {
  private final Resources files;
  private final Attachments attachments;
  private final Function<GatewayResource, RouteCompiler> compilers;
  private final Streams streams;

  StreamRoutes(
      Resources files,
      Attachments attachments,
      Function<GatewayResource, RouteCompiler> compilers,
      Streams streams) {
    this.files = files;
    this.attachments = attachments;
    this.compilers = compilers;
    this.streams = streams;
  }

  /** Of two routes for a name the older one has it (Gateway API, TLSRoute). */
  void passThrough(Bound bound, Map<String, TlsEnd> byHost) {
    for (StreamRouteResource route : routes("TLSRoute", bound)) {
      TlsEnd beyond = new TlsEnd.Beyond(streams.tls(plan(route, bound)));
      put(route, bound, beyond, byHost);
    }
  }

  /** The same where TLS ends here; what no TLSRoute has is the oldest TCPRoute's. */
  void terminate(Bound bound, TlsEnd.Here end, Map<String, TlsEnd> byHost) {
    for (StreamRouteResource route : routes("TLSRoute", bound)) {
      put(route, bound, within(end, route, bound), byHost);
    }
    routes("TCPRoute", bound).stream()
        .findFirst()
        .ifPresent(route -> put(route, bound, within(end, route, bound), byHost));
  }

  private TlsEnd within(TlsEnd.Here end, StreamRouteResource route, Bound bound) {
    return new TlsEnd.Within(end, streams.withinTls(plan(route, bound)));
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
            () ->
                new StreamPlan(
                    new RoutePlan(bound.name(), List.of(), Timeouts.NONE, Retries.STANDARD),
                    bound.gateway().key()));
  }

  private StreamPlan plan(StreamRouteResource route, Bound bound) {
    return new StreamPlan(compilers.apply(bound.gateway()).compile(route), bound.gateway().key());
  }

  /** The oldest first. */
  private List<StreamRouteResource> routes(String kind, Bound bound) {
    return files
        .resources(StreamRouteResource.class)
        .filter(
            route ->
                route.kind().equals(kind) && attachments.attaches(route, route.parents(), bound))
        .sorted(RouteResource.OLDEST_FIRST)
        .toList();
  }
}

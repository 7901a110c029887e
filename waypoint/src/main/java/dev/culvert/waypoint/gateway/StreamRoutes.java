// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.policy.resource.Resources;
import dev.culvert.policy.resource.StreamRouteResource;
import dev.culvert.waypoint.accept.TlsEnd;
import dev.culvert.waypoint.plan.Retries;
import dev.culvert.waypoint.plan.RoutePlan;
import dev.culvert.waypoint.plan.Timeouts;
import dev.culvert.waypoint.route.RouteCompiler;
import dev.culvert.waypoint.stream.Streams;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Where connections go that nobody looks into (Gateway API, TLSRoute and TCPRoute). */
final class StreamRoutes {
  private final Resources files;
  private final Attachments attachments;
  private final RouteCompiler compiler;
  private final GatewayPolicies policies;
  private final Optional<Streams> streams;
  private final List<String> problems;

  StreamRoutes(
      Resources files,
      Attachments attachments,
      RouteCompiler compiler,
      GatewayPolicies policies,
      Optional<Streams> streams,
      List<String> problems) {
    this.files = files;
    this.attachments = attachments;
    this.compiler = compiler;
    this.policies = policies;
    this.streams = streams;
    this.problems = problems;
  }

  /** Of two routes for a name the older one has it (Gateway API, TLSRoute). */
  void passThrough(Bound bound, Map<String, TlsEnd> byHost) {
    for (StreamRouteResource route : routes("TLSRoute", bound)) {
      RoutePlan plan = compiler.compile(route);
      TlsEnd beyond = new TlsEnd.Beyond(streams.orElseThrow().tls(plan));
      bound
          .hostnames(route.hostnames())
          .ifPresent(names -> names.forEach(name -> byHost.putIfAbsent(name.name(), beyond)));
    }
  }

  /** Where there is no route connections are refused. */
  RoutePlan tcp(Bound bound) {
    return routes("TCPRoute", bound).stream()
        .findFirst()
        .map(compiler::compile)
        .orElseGet(() -> new RoutePlan(bound.name(), List.of(), Timeouts.NONE, Retries.STANDARD));
  }

  /** The oldest first; none where a policy wants to judge what nobody looks into. */
  private List<StreamRouteResource> routes(String kind, Bound bound) {
    Optional<String> closing = policies.closing(bound.gateway());
    if (closing.isPresent()) {
      problems.add(
          "listener %s: %s is for it, and connections that are not looked into are not judged by it: it is closed"
              .formatted(bound.name(), closing.get()));
      return List.of();
    }
    return files
        .resources(StreamRouteResource.class)
        .filter(
            route ->
                route.kind().equals(kind) && attachments.attaches(route, route.parents(), bound))
        .sorted(
            Comparator.comparing(
                    (StreamRouteResource route) ->
                        route.metadata().creationTimestamp().orElse(Instant.EPOCH))
                .thenComparing(route -> route.metadata().namespace())
                .thenComparing(route -> route.metadata().name()))
        .toList();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.policy.resource.AllowedRoutes.RouteKind;
import dev.culvert.policy.resource.GatewayListener;
import dev.culvert.policy.resource.GatewayResource;
import java.util.List;
import java.util.Map;

/** Which kinds of routes listeners take. */
final class RouteKinds {
  private static final String GROUP = "gateway.networking.k8s.io";
  private static final List<String> HTTP = List.of("HTTPRoute", "GRPCRoute");
  private static final Map<String, List<String>> OF_PROTOCOLS =
      Map.of("HTTP", HTTP, "HTTPS", HTTP, "TLS", List.of("TLSRoute"), "TCP", List.of("TCPRoute"));

  private RouteKinds() {}

  /** Those that fit its protocol, of those that it allows. */
  static List<String> of(GatewayResource gateway, GatewayListener listener) {
    List<RouteKind> allowed = listener.allowedRoutes().kinds();
    return fitting(gateway, listener).stream()
        .filter(kind -> allowed.isEmpty() || allowed.stream().anyMatch(one -> is(one, kind)))
        .toList();
  }

  /** Those that it allows and cannot take. */
  static List<String> unfit(GatewayResource gateway, GatewayListener listener) {
    List<String> fitting = fitting(gateway, listener);
    return listener.allowedRoutes().kinds().stream()
        .filter(one -> fitting.stream().noneMatch(kind -> is(one, kind)))
        .map(RouteKind::kind)
        .toList();
  }

  /** A waypoint has its routes by the services that they name. */
  private static List<String> fitting(GatewayResource gateway, GatewayListener listener) {
    return Controllers.isWaypoint(gateway)
        ? List.of()
        : OF_PROTOCOLS.getOrDefault(listener.protocol(), List.of());
  }

  private static boolean is(RouteKind allowed, String kind) {
    return allowed.kind().equals(kind)
        && (allowed.group().isEmpty() || allowed.group().equals(GROUP));
  }
}

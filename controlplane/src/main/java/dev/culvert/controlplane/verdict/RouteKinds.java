// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.policy.resource.AllowedRoutes.RouteKind;
import dev.culvert.policy.resource.GatewayListener;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.ListenerTls;
import java.util.List;

/** Which kinds of routes listeners take. */
final class RouteKinds {
  private static final String GROUP = "gateway.networking.k8s.io";

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

  /** Those that its protocol takes; a waypoint has its routes by the services that they name. */
  static List<String> fitting(GatewayResource gateway, GatewayListener listener) {
    if (Controllers.isWaypoint(gateway)) {
      return List.of();
    }
    return switch (listener.protocol()) {
      case "HTTP", "HTTPS" -> List.of("HTTPRoute", "GRPCRoute");
      case "TLS" -> endsTls(listener) ? List.of("TLSRoute", "TCPRoute") : List.of("TLSRoute");
      case "TCP" -> List.of("TCPRoute");
      default -> List.of();
    };
  }

  private static boolean endsTls(GatewayListener listener) {
    return listener.tls().filter(tls -> tls.mode() == ListenerTls.Mode.TERMINATE).isPresent();
  }

  private static boolean is(RouteKind allowed, String kind) {
    return allowed.kind().equals(kind)
        && (allowed.group().isEmpty() || allowed.group().equals(GROUP));
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.waypoint.plan.Asking;
import dev.culvert.waypoint.plan.Party;
import dev.culvert.waypoint.plan.Pick;
import dev.culvert.waypoint.plan.Protocol;
import dev.culvert.waypoint.plan.Target;
import dev.culvert.waypoint.plan.Way;
import dev.culvert.ztunnel.route.Route;
import dev.culvert.ztunnel.xds.AppProtocol;
import java.util.Optional;
import java.util.Set;

/** The ways of ztunnel's router as targets of requests. */
final class Targets {
  private Targets() {}

  static Pick of(Route route, AppProtocol said, Asking asking) {
    Pick pick = of(route);
    return pick instanceof Target target ? target.in(protocol(said, asking.isHttp2())) : pick;
  }

  /** In HTTP/1. */
  static Pick of(Route route) {
    return switch (route) {
      case Route.Hbone to ->
          new Target(
              to.target(),
              Protocol.HTTP1,
              Optional.of(new Way(to.tunnel(), to.expected(), Set.of())),
              Party.of(to.destination(), Optional.of(to.destination().identity())));
      case Route.DoubleHbone to ->
          new Target(
              to.target(),
              Protocol.HTTP1,
              Optional.of(new Way(to.tunnel(), to.gatewayExpected(), to.expected())),
              Party.of(to.destination(), Optional.of(to.destination().identity())));
      case Route.Plaintext to when to.target().isUnresolved() ->
          new Pick.None(false, to.target() + " is an endpoint by its name, which is not looked up");
      case Route.Plaintext to ->
          new Target(
              to.target(),
              Protocol.HTTP1,
              Optional.empty(),
              to.destination()
                  .map(workload -> Party.of(workload, Optional.empty()))
                  .orElse(Party.UNKNOWN));
      case Route.SameNode to ->
          throw new IllegalStateException("a waypoint has no pods: " + to.target());
      case Route.Refused refused -> new Pick.None(false, refused.reason());
    };
  }

  /** As it is said; where nothing is, as the client speaks. */
  static Protocol protocol(AppProtocol said, boolean clientSpeaksHttp2) {
    return switch (said) {
      case HTTP2, GRPC -> Protocol.HTTP2;
      case UNKNOWN -> clientSpeaksHttp2 ? Protocol.HTTP2 : Protocol.HTTP1;
      case HTTP1, TCP, TLS -> Protocol.HTTP1;
    };
  }
}

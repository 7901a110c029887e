// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.stream;

import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.Target;
import dev.culvert.ztunnel.hbone.Forwarded;
import dev.culvert.ztunnel.telemetry.ConnectionInfo;
import dev.culvert.ztunnel.telemetry.TlsSession;
import dev.culvert.ztunnel.transport.Half;
import io.netty.channel.EventLoop;
import io.netty.util.concurrent.Future;
import java.util.Optional;

/** How connections go on to endpoints, and what is known of these. */
public interface Upstream {
  /**
   * An endpoint that was reached.
   *
   * @param tunnel what protects the tunnel to it; empty where there is none
   */
  record Reached(Half half, Optional<TlsSession> tunnel) {}

  /**
   * Connects, on the loop.
   *
   * @param from who it is for, which the other end of a tunnel is told
   * @return done, on the loop, when it is connected or never will be
   */
  Future<Reached> reach(EventLoop loop, Target target, Forwarded from);

  /** What is known of a connection, with what is known of the endpoint that it goes to. */
  default ConnectionInfo described(ConnectionInfo known, Target to, Destination of) {
    return known;
  }
}

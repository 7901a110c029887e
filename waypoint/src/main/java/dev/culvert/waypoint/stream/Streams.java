// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.stream;

import dev.culvert.waypoint.accept.ClientConnection;
import dev.culvert.waypoint.accept.ConnectionTaker;
import dev.culvert.waypoint.plan.RoutePlan;
import dev.culvert.ztunnel.telemetry.Telemetry;
import dev.culvert.ztunnel.transport.TcpHalf;
import dev.culvert.ztunnel.transport.Transport;
import io.netty.channel.WriteBufferWaterMark;
import io.netty.channel.socket.SocketChannel;
import java.time.Duration;
import java.util.function.Supplier;

/** Carries connections to the backends of their routes. Any loop. */
public final class Streams {
  private static final WriteBufferWaterMark WAITING =
      new WriteBufferWaterMark(64 * 1024, 256 * 1024);

  private final Transport transport;
  private final Telemetry telemetry;
  private final Duration connectTimeout;

  public Streams(Transport transport, Telemetry telemetry, Duration connectTimeout) {
    this.transport = transport;
    this.telemetry = telemetry;
    this.connectTimeout = connectTimeout;
  }

  /**
   * Takes connections of any protocol.
   *
   * @param plan of each connection when it comes
   */
  public ConnectionTaker tcp(Supplier<RoutePlan> plan) {
    return (channel, client) -> take(channel, client, plan.get(), false);
  }

  /** Takes connections whose TLS their backend ends. */
  public ConnectionTaker tls(RoutePlan plan) {
    return (channel, client) -> take(channel, client, plan, true);
  }

  private void take(
      SocketChannel channel, ClientConnection connection, RoutePlan plan, boolean inTls) {
    channel.config().setAutoRead(false).setAllowHalfClosure(true).setWriteBufferWaterMark(WAITING);
    TcpHalf client = new TcpHalf(channel, active -> {});
    channel.pipeline().addLast("passage", client);
    new Passage(this, client, connection, plan, inTls).begin();
  }

  Telemetry telemetry() {
    return telemetry;
  }

  SocketChannel socket() {
    return transport.plainSocket();
  }

  Duration connectTimeout() {
    return connectTimeout;
  }
}

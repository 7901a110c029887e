// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.outbound;

import dev.culvert.policy.authz.ConnectionFacts;
import dev.culvert.policy.authz.Verdict;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.authz.OpenConnections;
import dev.culvert.ztunnel.hbone.ConnectRequest;
import dev.culvert.ztunnel.hbone.HboneStream;
import dev.culvert.ztunnel.hbone.Opening;
import dev.culvert.ztunnel.hbone.TunnelException;
import dev.culvert.ztunnel.hbone.TunnelKey;
import dev.culvert.ztunnel.route.Route;
import dev.culvert.ztunnel.telemetry.ConnectionInfo;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Direction;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Security;
import dev.culvert.ztunnel.telemetry.ConnectionMeter;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.transport.Relay;
import dev.culvert.ztunnel.xds.Service;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/** A captured connection that goes to another node. */
final class TunnelledConnection implements Opening {
  /** The destination judges it too and says why it ends it: it has the first word. */
  private static final long DESTINATION_FIRST_SECONDS = 1;

  private final OutboundConnection connection;
  private final Route.Hbone route;
  private final ConnectionMeter meter;

  /** Kept until the answer: a tunnel that took no notice of the CONNECT lost it. */
  private ByteBuf early;

  private Relay relay;

  TunnelledConnection(OutboundConnection connection, Route.Hbone route) {
    this.connection = connection;
    this.route = route;
    this.meter = connection.pod().telemetry().open(info());
  }

  void begin() {
    OutboundPod pod = connection.pod();
    SpiffeId identity = pod.pod().identity();
    TunnelKey key = new TunnelKey(pod.sockets(), identity, route.tunnel(), route.expected());
    ConnectRequest request =
        ConnectRequest.of(
            route.target(),
            connection.source(),
            connection.clientAddress(),
            route.service().map(Service::hostname));
    pod.tunnels().of(connection.loop()).open(key, request, this);
  }

  /** Not to a waypoint: an L7 proxy may refuse what comes before its answer, as Envoy can. */
  @Override
  public ByteBuf early() {
    if (early == null) {
      early = route.isToWaypoint() ? Unpooled.EMPTY_BUFFER : connection.client().early();
    }
    return early.retainedDuplicate();
  }

  @Override
  public void opened(HboneStream stream) {
    stream.tls().ifPresent(meter::secured);
    meter.sent(early.readableBytes());
    early.release();
    if (route.isToWaypoint()) {
      Relay.start(connection.client(), stream, meter, () -> {});
      return;
    }
    OpenConnections.Tracked tracked = track();
    relay = Relay.start(connection.client(), stream, meter, tracked::close);
  }

  private OpenConnections.Tracked track() {
    return connection
        .pod()
        .deliveries()
        .openConnections()
        .track(OpenConnections.Side.SOURCE, route.destination(), facts(), this::forbidSoon);
  }

  /** As the destination sees it. */
  private ConnectionFacts facts() {
    InetSocketAddress target = route.target();
    return new ConnectionFacts(
        Optional.of(connection.pod().pod().identity()),
        connection.source().addressLike(target.getAddress()).orElse(clientAddress()),
        target.getAddress(),
        target.getPort());
  }

  private InetAddress clientAddress() {
    return connection.clientAddress().getAddress();
  }

  private void forbidSoon(Verdict.Deny deny) {
    var _ =
        connection.loop().schedule(() -> forbid(deny), DESTINATION_FIRST_SECONDS, TimeUnit.SECONDS);
  }

  private void forbid(Verdict.Deny deny) {
    meter.decided(deny);
    relay.abort(Outcome.denied(deny));
  }

  @Override
  public void failed(TunnelException cause) {
    if (early != null) {
      early.release();
    }
    connection.client().reset();
    meter.close(cause.outcome());
  }

  private ConnectionInfo info() {
    return new ConnectionInfo(
        Direction.OUTBOUND,
        Security.MUTUAL_TLS,
        connection.clientAddress(),
        route.target(),
        connection.asked(),
        Optional.of(route.tunnel()),
        Optional.of(connection.source()),
        Optional.of(route.destination()),
        route.service(),
        Optional.of(connection.pod().pod().identity()),
        Optional.of(route.destination().identity()));
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.outbound;

import dev.culvert.policy.spiffe.SpiffeId;
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
import dev.culvert.ztunnel.transport.Relay;
import dev.culvert.ztunnel.xds.Service;
import java.util.Optional;

/** A captured connection that goes to another node. */
final class TunnelledConnection implements Opening {
  private final OutboundConnection connection;
  private final Route.Hbone route;
  private final ConnectionMeter meter;

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
    pod.tunnels().of(connection.client().channel().eventLoop()).open(key, request, this);
  }

  @Override
  public void opened(HboneStream stream) {
    stream.tls().ifPresent(meter::secured);
    Relay.start(connection.client(), stream, meter, () -> {});
  }

  @Override
  public void failed(TunnelException cause) {
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

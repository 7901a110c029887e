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
import dev.culvert.ztunnel.xds.Workload;
import java.util.Optional;

/**
 * A captured connection that goes to another network. Its report names the endpoint that was chosen
 * for it, or the one that the gateway took instead, as that describes itself; and the gateway as
 * the way there.
 */
final class DoubleTunnelledConnection implements Opening {
  private final OutboundConnection connection;
  private final Route.DoubleHbone route;

  DoubleTunnelledConnection(OutboundConnection connection, Route.DoubleHbone route) {
    this.connection = connection;
    this.route = route;
  }

  void begin() {
    OutboundPod pod = connection.pod();
    SpiffeId identity = pod.pod().identity();
    ConnectRequest request =
        ConnectRequest.of(
            route.target(),
            connection.source(),
            connection.clientAddress(),
            route.service().map(Service::hostname));
    pod.tunnels()
        .openNested(
            connection.loop(),
            new TunnelKey(pod.sockets(), identity, route.tunnel(), route.gatewayExpected()),
            request,
            new TunnelKey(pod.sockets(), identity, route.tunnel(), route.expected()),
            request.fromNetwork(connection.source().network()),
            this);
  }

  @Override
  public void opened(HboneStream stream) {
    ConnectionMeter meter = meter(answering(stream));
    stream.tls().ifPresent(meter::secured);
    Relay.start(connection.client(), stream, meter, () -> {});
  }

  @Override
  public void failed(TunnelException cause) {
    connection.client().reset();
    meter(route.destination()).close(cause.outcome());
  }

  private Workload answering(HboneStream stream) {
    Workload chosen = route.destination();
    return stream
        .baggage()
        .workload(chosen.identity(), connection.asked().getAddress())
        .filter(
            said ->
                !said.namespace().equals(chosen.namespace())
                    || !said.attribution().equals(chosen.attribution()))
        .orElse(chosen);
  }

  private ConnectionMeter meter(Workload destination) {
    return connection.pod().telemetry().open(info(destination));
  }

  private ConnectionInfo info(Workload destination) {
    return new ConnectionInfo(
        Direction.OUTBOUND,
        Security.MUTUAL_TLS,
        connection.clientAddress(),
        connection.asked(),
        connection.asked(),
        Optional.of(route.tunnel()),
        Optional.of(connection.source()),
        Optional.of(destination),
        route.service(),
        Optional.of(connection.pod().pod().identity()),
        Optional.of(destination.identity()));
  }
}

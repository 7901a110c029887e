// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.outbound;

import dev.culvert.policy.authz.ConnectionFacts;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.inbound.Delivery;
import dev.culvert.ztunnel.inbound.Delivery.Refusal;
import dev.culvert.ztunnel.inbound.Introduction;
import dev.culvert.ztunnel.limits.PodShare;
import dev.culvert.ztunnel.route.Route;
import dev.culvert.ztunnel.telemetry.ConnectionInfo;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Direction;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Security;
import dev.culvert.ztunnel.telemetry.ConnectionMeter;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import dev.culvert.ztunnel.telemetry.Telemetry;
import dev.culvert.ztunnel.transport.Half;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * A captured connection to a pod of the same node: the same judgement and the same reports as with
 * a tunnel, without encrypting to itself.
 */
final class LocalConnection implements Delivery.Client {
  private final OutboundConnection connection;
  private final Route.SameNode route;

  LocalConnection(OutboundConnection connection, Route.SameNode route) {
    this.connection = connection;
    this.route = route;
  }

  void begin() {
    PodShare destination = route.sockets().share();
    SpiffeId identity = connection.pod().pod().identity();
    if (!destination.beginStream(identity)) {
      connection
          .pod()
          .telemetry()
          .refused(
              info(Direction.OUTBOUND),
              Outcome.failed(
                  ResponseFlag.CONNECT,
                  "the destination has as many connections as it may (pod-max-connections,"
                      + " peer-max-connections)"));
      connection.client().reset();
      return;
    }
    deliver(destination, identity);
  }

  private void deliver(PodShare destination, SpiffeId identity) {
    InetSocketAddress client = connection.clientAddress();
    InetSocketAddress target = route.target();
    ConnectionFacts facts =
        new ConnectionFacts(
            Optional.of(identity), client.getAddress(), target.getAddress(), target.getPort());
    Telemetry telemetry = connection.pod().telemetry();
    ConnectionMeter meter =
        new PairedMeter(
            telemetry.open(info(Direction.OUTBOUND)), telemetry.open(info(Direction.INBOUND)));
    connection
        .pod()
        .deliveries()
        .deliver(
            new Delivery.Request(
                connection.loop(),
                route.destination(),
                route.sockets(),
                target,
                new Introduction.ByAddress(client),
                facts,
                meter,
                () -> destination.endStream(identity)),
            this);
  }

  @Override
  public Half accepted() {
    OutboundPod pod = connection.pod();
    pod.direct().allowed(pod.pod(), connection.asked(), route);
    return connection.client();
  }

  @Override
  public void refused(Refusal why) {
    connection.client().reset();
  }

  private ConnectionInfo info(Direction direction) {
    return new ConnectionInfo(
        direction,
        Security.SAME_NODE,
        connection.clientAddress(),
        route.target(),
        connection.asked(),
        Optional.empty(),
        Optional.of(connection.source()),
        Optional.of(route.destination()),
        route.service(),
        Optional.of(connection.pod().pod().identity()),
        Optional.of(route.destination().identity()));
  }
}

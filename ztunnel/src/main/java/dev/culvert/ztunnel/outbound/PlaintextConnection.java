// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.outbound;

import dev.culvert.ztunnel.route.Route;
import dev.culvert.ztunnel.telemetry.ConnectionInfo;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Direction;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Security;
import dev.culvert.ztunnel.telemetry.ConnectionMeter;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import dev.culvert.ztunnel.transport.ConnectFailure;
import dev.culvert.ztunnel.transport.Relay;
import dev.culvert.ztunnel.transport.TcpConnections;
import dev.culvert.ztunnel.transport.TcpHalf;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A captured connection that goes on as it is, from the pod's own namespace. */
final class PlaintextConnection {
  private final OutboundConnection connection;
  private final Route.Plaintext route;
  private final ConnectionMeter meter;

  PlaintextConnection(OutboundConnection connection, Route.Plaintext route) {
    this.connection = connection;
    this.route = route;
    this.meter = connection.pod().telemetry().open(info());
  }

  void begin() {
    if (!route.target().isUnresolved()) {
      connect(route.target());
      return;
    }
    connection.pod().telemetry().lookedUp(info());
    HostNames.OF_THE_NODE
        .resolve(route.target(), families(), connection.loop())
        .addListener(
            (Future<InetSocketAddress> found) -> {
              if (found.isSuccess()) {
                connect(found.getNow());
              } else {
                fail("endpoint " + route.target() + ": " + found.cause().getMessage());
              }
            });
  }

  /** Those of the client's addresses, first that of the address it asked for. */
  private List<Class<? extends InetAddress>> families() {
    List<Class<? extends InetAddress>> families = new ArrayList<>();
    families.add(connection.asked().getAddress().getClass());
    connection.source().addresses().forEach(own -> families.add(own.getClass()));
    return families;
  }

  private void connect(InetSocketAddress target) {
    OutboundPod pod = connection.pod();
    SocketChannel channel;
    try {
      channel = pod.sockets().socket(target.getAddress());
    } catch (IOException e) {
      fail("no socket in the pod's namespace: " + e.getMessage());
      return;
    }
    pod.sockets().keepAlive(channel);
    TcpHalf server = new TcpHalf(channel, active -> {});
    TcpConnections.connect(connection.loop(), channel, target, pod.connectTimeout(), server)
        .addListener(done -> connected(done, server));
  }

  private void connected(Future<?> done, TcpHalf server) {
    if (done.isSuccess()) {
      Relay.start(connection.client(), server, meter, () -> {});
    } else {
      fail(ConnectFailure.describe(done.cause()));
    }
  }

  private void fail(String problem) {
    connection.client().reset();
    meter.close(Outcome.failed(ResponseFlag.CONNECT, problem));
  }

  private ConnectionInfo info() {
    return new ConnectionInfo(
        Direction.OUTBOUND,
        Security.NONE,
        connection.clientAddress(),
        route.target(),
        connection.asked(),
        Optional.empty(),
        Optional.of(connection.source()),
        route.destination(),
        route.service(),
        Optional.empty(),
        Optional.empty());
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.waypoint.accept.ByServerName;
import dev.culvert.waypoint.accept.ClientConnection;
import dev.culvert.waypoint.accept.HttpConnections;
import dev.culvert.waypoint.plan.Party;
import dev.culvert.waypoint.plan.RoutePlan;
import dev.culvert.waypoint.stream.NamedPassage;
import dev.culvert.waypoint.stream.Passage;
import dev.culvert.waypoint.stream.PassageClient;
import dev.culvert.ztunnel.hbone.Baggage;
import dev.culvert.ztunnel.hbone.InboundConnect;
import dev.culvert.ztunnel.telemetry.ConnectionInfo;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Direction;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Security;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import dev.culvert.ztunnel.xds.Workload;
import io.netty.channel.Channel;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * One CONNECT of a proved client: requests if what it asks for speaks HTTP, else a connection that
 * is carried as it is. Who spoke first is never waited for.
 */
final class WaypointStream {
  private final WaypointInputs inputs;
  private final EventLoop loop;
  private final SpiffeId client;
  private final InetSocketAddress tunnel;
  private final InetSocketAddress own;
  private final InboundConnect connect;

  /**
   * @param tunnel the other end of the tunnel that it came in
   * @param own the tunnel's own end
   */
  WaypointStream(
      WaypointInputs inputs,
      EventLoop loop,
      SpiffeId client,
      InetSocketAddress tunnel,
      InetSocketAddress own,
      InboundConnect connect) {
    this.inputs = inputs;
    this.loop = loop;
    this.client = client;
    this.tunnel = tunnel;
    this.own = own;
    this.connect = connect;
  }

  void begin() {
    inputs.bound().find(connect.target(), client, loop, this::found);
  }

  private void found(Optional<Asked> found) {
    if (connect.isGone()) {
      connect.refuse(InboundConnect.UNREACHABLE);
    } else if (found.isEmpty() && !inputs.served().isKnown()) {
      refuse(
          InboundConnect.UNREACHABLE,
          Optional.empty(),
          "the routes and policies of waypoint %s are not known yet"
              .formatted(inputs.self().waypoint()));
    } else if (found.isEmpty()) {
      refuse(
          InboundConnect.BAD_REQUEST,
          Optional.empty(),
          "%s does not use waypoint %s".formatted(connect.target(), inputs.self().waypoint()));
    } else {
      take(found.get());
    }
  }

  private void take(Asked asked) {
    ClientConnection connection = connection(asked);
    if (!inputs.share().beginStream()) {
      refuse(InboundConnect.UNREACHABLE, Optional.of(asked), "a limit of this waypoint is reached");
      return;
    }
    switch (inputs.served().carriage(asked, client)) {
      case Carriage.Requests _ -> http(asked, connection);
      case Carriage.Bytes(RoutePlan plan) ->
          new Passage(inputs.carriers(), client(asked, connection), plan, false).begin();
      case Carriage.Handshake(ByServerName<RoutePlan> plans) ->
          new NamedPassage(inputs.carriers(), name -> client(asked, connection.asking(name)), plans)
              .begin();
    }
  }

  private PassageClient client(Asked asked, ClientConnection connection) {
    return new TunnelClient(inputs, connect, connection, asked, info(Optional.of(asked)));
  }

  private ClientConnection connection(Asked asked) {
    return new ClientConnection(
        loop,
        client(),
        asked.address(),
        Optional.of(client),
        false,
        Optional.empty(),
        source().map(one -> Party.of(one, Optional.of(client))).orElse(Party.of(client)));
  }

  private void http(Asked asked, ClientConnection connection) {
    HttpConnections connections = inputs.connections();
    Channel channel =
        connect.accept(
            inputs.self().workload(inputs.mesh()).map(Baggage::format).orElse(""),
            new ChannelInitializer<>() {
              @Override
              protected void initChannel(Channel stream) {
                connections.accept(stream, connection, inputs.served().starter(asked));
              }
            });
    channel.closeFuture().addListener(closed -> inputs.share().endStream());
    inputs.requests().add(channel, asked);
  }

  private void refuse(int status, Optional<Asked> asked, String problem) {
    Outcome outcome = Outcome.failed(ResponseFlag.CONNECT, problem);
    inputs.carriers().telemetry().refused(info(asked), outcome);
    connect.refuse(status);
  }

  /** The address is the tunnel's, which cannot be forged; only the port is the peer's word. */
  private InetSocketAddress client() {
    return connect
        .forwarded()
        .client()
        .filter(said -> said.getAddress().equals(tunnel.getAddress()))
        .orElse(tunnel);
  }

  /** What the mesh knows of the client, or what it says of itself: for telemetry only. */
  private Optional<Workload> source() {
    return inputs
        .mesh()
        .workload(tunnel.getAddress())
        .filter(known -> known.identity().equals(client))
        .or(() -> connect.baggage().workload(client, tunnel.getAddress()));
  }

  private ConnectionInfo info(Optional<Asked> asked) {
    InetSocketAddress address = asked.map(Asked::address).orElse(own);
    return new ConnectionInfo(
        Direction.WAYPOINT,
        Security.MUTUAL_TLS,
        client(),
        address,
        address,
        Optional.of(own),
        source(),
        Optional.empty(),
        asked.flatMap(Asked::asService),
        Optional.of(client),
        Optional.of(inputs.self().identity()));
  }
}

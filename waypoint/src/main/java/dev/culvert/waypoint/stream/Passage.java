// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.stream;

import dev.culvert.policy.traffic.HashKey;
import dev.culvert.waypoint.accept.ClientConnection;
import dev.culvert.waypoint.plan.Asking;
import dev.culvert.waypoint.plan.Hash64;
import dev.culvert.waypoint.plan.Pick;
import dev.culvert.waypoint.plan.RoutePlan;
import dev.culvert.waypoint.plan.Target;
import dev.culvert.waypoint.plan.Usage;
import dev.culvert.ztunnel.telemetry.ConnectionInfo;
import dev.culvert.ztunnel.telemetry.ConnectionMeter;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import dev.culvert.ztunnel.transport.ConnectFailure;
import dev.culvert.ztunnel.transport.Relay;
import dev.culvert.ztunnel.transport.TcpConnections;
import dev.culvert.ztunnel.transport.TcpHalf;
import io.netty.util.concurrent.Future;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** One connection on its way to a backend. On its event loop. */
final class Passage implements Asking {
  /** Nothing was sent to an endpoint that cannot be connected: another may be tried. */
  private static final int MOST_TRIES = 3;

  private final Streams streams;
  private final TcpHalf client;
  private final ClientConnection connection;
  private final RoutePlan plan;
  private final boolean inTls;
  private final List<Target> tried = new ArrayList<>(1);

  /**
   * @param inTls whether the client's own TLS is carried
   */
  Passage(
      Streams streams, TcpHalf client, ClientConnection connection, RoutePlan plan, boolean inTls) {
    this.connection = connection;
    this.inTls = inTls;
    this.streams = streams;
    this.client = client;
    this.plan = plan;
  }

  void begin() {
    RoutePlan.Weighted backend = plan.draw();
    if (backend == null) {
      refuse("route %s has no backend".formatted(plan.name()));
      return;
    }
    switch (backend.destination().next(this)) {
      case Pick.None none -> refuse(none.reason());
      case Target target when target.tls().isPresent() && !inTls ->
          refuse(
              "a BackendTLSPolicy is for %s, and no TLS is begun for a TCPRoute"
                  .formatted(backend.destination()));
      case Target target when !target.bounds().takeConnection(false) ->
          refuse("%s has as many connections as it may".formatted(backend.destination()));
      case Target target -> connect(target);
    }
  }

  private void connect(Target target) {
    tried.add(target);
    target.usage().began();
    TcpHalf server = new TcpHalf(streams.socket(), active -> {});
    Duration timeout = target.bounds().limits().connectTimeout().orElse(streams.connectTimeout());
    TcpConnections.connect(connection.loop(), server.channel(), target.address(), timeout, server)
        .addListener(done -> connected(done, target, server));
  }

  private void connected(Future<?> done, Target target, TcpHalf server) {
    if (done.isSuccess()) {
      ConnectionMeter meter = streams.telemetry().open(info(target.address()));
      Relay.start(client, server, meter, () -> over(target, Usage.Outcome.ANSWERED));
      return;
    }
    over(target, Usage.Outcome.NO_ANSWER);
    if (tried.size() < MOST_TRIES && client.channel().isActive()) {
      begin();
    } else {
      refuse(ConnectFailure.describe(done.cause()));
    }
  }

  private static void over(Target target, Usage.Outcome outcome) {
    target.bounds().giveConnection();
    target.usage().ended(outcome);
  }

  private void refuse(String problem) {
    streams
        .telemetry()
        .refused(info(connection.local()), Outcome.failed(ResponseFlag.CONNECT, problem));
    client.reset();
  }

  private ConnectionInfo info(InetSocketAddress destination) {
    return new ConnectionInfo(
        ConnectionInfo.Direction.WAYPOINT,
        ConnectionInfo.Security.NONE,
        connection.client(),
        destination,
        connection.local(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  // === what the choice of an endpoint needs ===

  @Override
  public boolean isHttp2() {
    return false;
  }

  @Override
  public InetSocketAddress address() {
    return connection.local();
  }

  @Override
  public List<Target> tried() {
    return tried;
  }

  /** A connection has no other key than where it comes from. */
  @Override
  public long hash(HashKey key) {
    return key instanceof HashKey.SourceAddress
        ? Hash64.of(connection.client().getAddress().getHostAddress())
        : Asking.super.hash(key);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.waypoint.authorize.ConnectionFacts;
import dev.culvert.waypoint.plan.Way;
import dev.culvert.ztunnel.hbone.Baggage;
import dev.culvert.ztunnel.hbone.Forwarded;
import dev.culvert.ztunnel.hbone.HboneStream;
import dev.culvert.ztunnel.hbone.InboundConnect;
import dev.culvert.ztunnel.hbone.Opening;
import dev.culvert.ztunnel.hbone.TunnelException;
import dev.culvert.ztunnel.route.Route;
import dev.culvert.ztunnel.telemetry.ConnectionInfo;
import dev.culvert.ztunnel.telemetry.ConnectionMeter;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import dev.culvert.ztunnel.transport.ConnectFailure;
import dev.culvert.ztunnel.transport.Half;
import dev.culvert.ztunnel.transport.Relay;
import dev.culvert.ztunnel.transport.TcpConnections;
import dev.culvert.ztunnel.transport.TcpHalf;
import dev.culvert.ztunnel.xds.Service;
import dev.culvert.ztunnel.xds.Workload;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.Set;

/** A connection that is carried as it is. The client is answered when its endpoint has answered. */
final class TcpPassage implements Opening {
  private final WaypointInputs inputs;
  private final EventLoop loop;
  private final InboundConnect connect;
  private final ConnectionInfo info;
  private final Asked asked;
  private final ConnectionFacts facts;
  private ConnectionMeter meter;
  private Relay relay;

  TcpPassage(
      WaypointInputs inputs,
      EventLoop loop,
      InboundConnect connect,
      ConnectionInfo info,
      Asked asked,
      ConnectionFacts facts) {
    this.facts = facts;
    this.inputs = inputs;
    this.loop = loop;
    this.connect = connect;
    this.info = info;
    this.asked = asked;
  }

  void begin() {
    Optional<Workload> own = inputs.self().workload(inputs.mesh());
    if (own.isEmpty()) {
      refuse("the control plane does not know this waypoint's pod");
      return;
    }
    Route route =
        switch (asked) {
          case Asked.OfService of ->
              inputs.router().toService(own.get(), of.service(), of.address());
          case Asked.OfPod of -> inputs.router().toAddress(own.get(), of.address());
        };
    switch (route) {
      case Route.Hbone to ->
          tunnel(new Way(to.tunnel(), to.expected(), Set.of()), to.target(), to.destination());
      case Route.DoubleHbone to ->
          tunnel(
              new Way(to.tunnel(), to.gatewayExpected(), to.expected()),
              to.target(),
              to.destination());
      case Route.Plaintext to when to.target().isUnresolved() ->
          refuse(to.target() + " is an endpoint by its name, which is not looked up");
      case Route.Plaintext to -> plaintext(to);
      case Route.SameNode to -> refuse("a waypoint has no pods: " + to.target());
      case Route.Refused refused -> refuse(refused.reason());
    }
  }

  private void tunnel(Way way, InetSocketAddress target, Workload destination) {
    meter = inputs.telemetry().open(to(target, Optional.of(destination)));
    String forwarded =
        new Forwarded(Optional.of(info.source()), info.service().map(Service::hostname)).format();
    inputs.tunnels().open(loop, way, target, forwarded, this);
  }

  @Override
  public void opened(HboneStream stream) {
    stream.tls().ifPresent(meter::secured);
    relay(stream);
  }

  @Override
  public void failed(TunnelException cause) {
    fail(cause.outcome());
  }

  private void plaintext(Route.Plaintext route) {
    meter = inputs.telemetry().open(to(route.target(), route.destination()));
    SocketChannel channel;
    try {
      channel = inputs.sockets().socket(route.target().getAddress());
    } catch (IOException e) {
      fail(Outcome.failed(ResponseFlag.CONNECT, e.getMessage()));
      return;
    }
    TcpHalf server = new TcpHalf(channel, active -> {});
    TcpConnections.connect(
            loop, channel, route.target(), inputs.settings().connectTimeout(), server)
        .addListener(done -> connected(done, server));
  }

  private void connected(Future<?> done, TcpHalf server) {
    if (done.isSuccess()) {
      relay(server);
    } else {
      fail(Outcome.failed(ResponseFlag.CONNECT, ConnectFailure.describe(done.cause())));
    }
  }

  private void relay(Half server) {
    Half client =
        connect.accept(inputs.self().workload(inputs.mesh()).map(Baggage::format).orElse(""));
    inputs.passages().add(this);
    relay = Relay.start(client, server, meter, this::over);
    // Policy may have changed between the decision and now, and would not be looked at again.
    judge();
  }

  private void over() {
    inputs.passages().remove(this);
    inputs.share().endStream();
  }

  /** Ends it if it is forbidden now. Any thread. */
  void judge() {
    inputs
        .served()
        .closed(asked, facts)
        .map(problem -> Outcome.failed(ResponseFlag.DENY, problem))
        .ifPresent(outcome -> loop.execute(() -> relay.abort(outcome)));
  }

  Asked asked() {
    return asked;
  }

  private void fail(Outcome outcome) {
    meter.close(outcome);
    inputs.share().endStream();
    connect.refuse(InboundConnect.UNREACHABLE);
  }

  private void refuse(String problem) {
    inputs.telemetry().refused(info, Outcome.failed(ResponseFlag.CONNECT, problem));
    inputs.share().endStream();
    connect.refuse(InboundConnect.UNREACHABLE);
  }

  private ConnectionInfo to(InetSocketAddress target, Optional<Workload> destination) {
    return new ConnectionInfo(
        info.direction(),
        info.security(),
        info.source(),
        target,
        info.asked(),
        info.hboneAddress(),
        info.sourceWorkload(),
        destination,
        info.service(),
        info.sourceIdentity(),
        destination.map(Workload::identity));
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.inbound;

import dev.culvert.policy.authz.ConnectionFacts;
import dev.culvert.policy.authz.Verdict;
import dev.culvert.ztunnel.authz.OpenConnections;
import dev.culvert.ztunnel.telemetry.ConnectionMeter;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import dev.culvert.ztunnel.transport.ConnectFailure;
import dev.culvert.ztunnel.transport.Half;
import dev.culvert.ztunnel.transport.PodSockets;
import dev.culvert.ztunnel.transport.Relay;
import dev.culvert.ztunnel.transport.TcpConnections;
import dev.culvert.ztunnel.transport.TcpHalf;
import dev.culvert.ztunnel.xds.Workload;
import io.netty.channel.EventLoop;
import io.netty.channel.socket.SocketChannel;
import io.netty.util.concurrent.Future;
import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * One connection to an app of this node: judged, connected, relayed, and judged again on each
 * change of policy until it ends.
 */
public final class Delivery {

  /** Who waits for the app. One of the two is called, once, on the event loop. */
  public interface Client {
    /** Policy allows it and the app took it: the end to relay. */
    Half accepted();

    /** It ends here; the outcome was reported. */
    void refused(Refusal why);
  }

  /** Why there is no connection to the app. */
  public enum Refusal {
    DENIED,
    UNREACHABLE
  }

  /**
   * What is to be delivered.
   *
   * @param sockets of the destination's namespace
   * @param target the pod's own address, or its loopback, and the app's port
   * @param introduction how the app learns of the client
   * @param meter closed with the connection, however it ends
   * @param over runs once at that moment
   */
  public record Request(
      EventLoop loop,
      Workload destination,
      PodSockets sockets,
      InetSocketAddress target,
      Introduction introduction,
      ConnectionFacts facts,
      ConnectionMeter meter,
      Runnable over) {}

  private final Deliveries deliveries;
  private final Request request;
  private final Client client;
  private OpenConnections.Tracked tracked;
  private Verdict.Deny denied;
  private Relay relay;

  Delivery(Deliveries deliveries, Request request, Client client) {
    this.deliveries = deliveries;
    this.request = request;
    this.client = client;
  }

  void begin() {
    Verdict verdict = deliveries.authorizer().decide(request.destination(), request.facts());
    request.meter().decided(verdict);
    deliveries
        .authorizer()
        .whatIf(verdict, request.destination(), request.facts())
        .ifPresent(request.meter()::wouldBeDecided);
    if (verdict instanceof Verdict.Deny deny) {
      refuse(Refusal.DENIED, Outcome.denied(deny));
      return;
    }
    tracked =
        deliveries
            .openConnections()
            .track(
                OpenConnections.Side.DESTINATION,
                request.destination(),
                request.facts(),
                deny -> request.loop().execute(() -> forbid(deny)));
    connect();
  }

  private void connect() {
    SocketChannel channel;
    try {
      channel = request.sockets().socket(request.target().getAddress());
    } catch (IOException e) {
      tracked.close();
      refuse(Refusal.UNREACHABLE, unreachable("no socket in the pod's namespace", e));
      return;
    }
    // No bind: for its own address the kernel chooses the same one as the source, and a bound port
    // would be taken from all connections instead of this destination's.
    if (request.introduction() instanceof Introduction.ByAddress(InetSocketAddress seen)) {
      request.sockets().presentPeer(channel, seen, request.target());
    }
    TcpHalf app = new TcpHalf(channel, active -> {});
    TcpConnections.connect(
            request.loop(), channel, request.target(), deliveries.connectTimeout(), app)
        .addListener(done -> connected(done, app));
  }

  private void connected(Future<?> done, TcpHalf app) {
    if (!done.isSuccess()) {
      tracked.close();
      refuse(Refusal.UNREACHABLE, unreachable("the app", done.cause()));
    } else if (denied != null) {
      app.reset();
      tracked.close();
      refuse(Refusal.DENIED, Outcome.denied(denied));
    } else {
      if (request.introduction() instanceof Introduction.ByHeader header) {
        ProxyHeader.send(app.channel(), header);
      }
      relay = Relay.start(client.accepted(), app, request.meter(), this::over);
    }
  }

  private void over() {
    tracked.close();
    request.over().run();
  }

  private void forbid(Verdict.Deny deny) {
    denied = deny;
    if (relay != null) {
      request.meter().decided(deny);
      relay.abort(Outcome.denied(deny));
    }
  }

  private void refuse(Refusal why, Outcome outcome) {
    request.meter().close(outcome);
    request.over().run();
    client.refused(why);
  }

  private static Outcome unreachable(String what, Throwable cause) {
    return Outcome.failed(ResponseFlag.CONNECT, what + ": " + ConnectFailure.describe(cause));
  }
}

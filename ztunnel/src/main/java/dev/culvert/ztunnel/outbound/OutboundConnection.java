// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.outbound;

import dev.culvert.ztunnel.route.Route;
import dev.culvert.ztunnel.telemetry.ConnectionInfo;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Direction;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Security;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import dev.culvert.ztunnel.transport.Half;
import dev.culvert.ztunnel.transport.TcpHalf;
import dev.culvert.ztunnel.xds.Workload;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.Optional;

/** One captured connection, from its capture until the other end is there or it is refused. */
public final class OutboundConnection {
  private final OutboundPod pod;
  private final Half client;
  private final EventLoop loop;
  private final InetSocketAddress clientAddress;
  private final InetSocketAddress asked;
  private Workload source;

  private OutboundConnection(
      OutboundPod pod,
      Half client,
      EventLoop loop,
      InetSocketAddress clientAddress,
      InetSocketAddress asked) {
    this.pod = pod;
    this.client = client;
    this.loop = loop;
    this.clientAddress = clientAddress;
    this.asked = asked;
  }

  /**
   * Takes a connection that was just accepted.
   *
   * @param asked where the pod wanted to connect to
   */
  public static void accept(OutboundPod pod, TcpHalf client, InetSocketAddress asked) {
    open(pod, client, client.channel().eventLoop(), client.remoteAddress(), asked);
  }

  /**
   * Opens a connection that was not captured as if it had been.
   *
   * @param loop of the client, and the caller's
   * @param clientAddress what it is known by
   */
  public static void open(
      OutboundPod pod,
      Half client,
      EventLoop loop,
      InetSocketAddress clientAddress,
      InetSocketAddress asked) {
    new OutboundConnection(pod, client, loop, clientAddress, asked).begin();
  }

  private void begin() {
    pod.known().find(pod.pod(), clientAddress.getAddress(), loop, this::known);
  }

  private void known(Optional<Workload> found) {
    if (found.isEmpty()) {
      refuse(pod.known().whyUnknown(pod.pod(), clientAddress.getAddress()), Optional.empty());
      return;
    }
    source = found.get();
    pod.routes().find(source, asked, loop, this::routed);
  }

  private void routed(Route route) {
    switch (route) {
      case Route.Hbone hbone -> new TunnelledConnection(this, hbone).begin();
      case Route.DoubleHbone far -> new DoubleTunnelledConnection(this, far).begin();
      case Route.SameNode sameNode -> new LocalConnection(this, sameNode).begin();
      case Route.Plaintext plaintext -> new PlaintextConnection(this, plaintext).begin();
      case Route.Refused refused -> refuse(refused.reason(), Optional.of(refused));
    }
  }

  private void refuse(String problem, Optional<Route> route) {
    ConnectionInfo info =
        new ConnectionInfo(
            Direction.OUTBOUND,
            Security.NONE,
            clientAddress,
            asked,
            asked,
            Optional.empty(),
            Optional.ofNullable(source),
            Optional.empty(),
            route.flatMap(Route::service),
            Optional.of(pod.pod().identity()),
            Optional.empty());
    pod.telemetry().refused(info, Outcome.failed(ResponseFlag.CONNECT, problem));
    client.reset();
  }

  OutboundPod pod() {
    return pod;
  }

  Half client() {
    return client;
  }

  /** Where the pod wanted to connect to. */
  InetSocketAddress asked() {
    return asked;
  }

  EventLoop loop() {
    return loop;
  }

  Workload source() {
    return source;
  }

  InetSocketAddress clientAddress() {
    return clientAddress;
  }
}

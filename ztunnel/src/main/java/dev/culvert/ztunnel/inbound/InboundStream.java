// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.inbound;

import dev.culvert.policy.authz.ConnectionFacts;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.hbone.Baggage;
import dev.culvert.ztunnel.hbone.InboundConnect;
import dev.culvert.ztunnel.inbound.Delivery.Refusal;
import dev.culvert.ztunnel.telemetry.ConnectionInfo;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Direction;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Security;
import dev.culvert.ztunnel.telemetry.ConnectionMeter;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import dev.culvert.ztunnel.transport.Half;
import dev.culvert.ztunnel.xds.Workload;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.Optional;

/** One CONNECT of a proved peer, for an app of this pod. */
final class InboundStream implements Delivery.Client {
  private final InboundPod pod;
  private final EventLoop loop;
  private final SpiffeId peer;
  private final InetSocketAddress source;
  private final InetSocketAddress own;
  private final InboundConnect connect;
  private InetSocketAddress target;
  private Workload destination;

  /**
   * @param source the tunnel's other end
   * @param own the tunnel's own end
   */
  InboundStream(
      InboundPod pod,
      EventLoop loop,
      SpiffeId peer,
      InetSocketAddress source,
      InetSocketAddress own,
      InboundConnect connect) {
    this.pod = pod;
    this.loop = loop;
    this.peer = peer;
    this.source = source;
    this.own = own;
    this.connect = connect;
    this.target =
        connect.target().isUnresolved()
            ? new InetSocketAddress(own.getAddress(), connect.target().getPort())
            : connect.target();
  }

  void begin() {
    pod.known().find(pod.pod(), own.getAddress(), loop, this::known);
  }

  private void known(Optional<Workload> found) {
    if (found.isEmpty()) {
      refuse(InboundConnect.UNREACHABLE, pod.known().whyUnknown(pod.pod(), own.getAddress()));
      return;
    }
    destination = found.get();
    switch (new AskedApp(pod.mesh(), destination, own.getAddress(), connect.target()).find()) {
      case AskedApp.Nothing nothing -> refuse(InboundConnect.BAD_REQUEST, nothing.problem());
      case AskedApp.App app -> deliver(app);
    }
  }

  private void deliver(AskedApp.App app) {
    target = app.at();
    if (!pod.share().beginStream(peer)) {
      refuse(InboundConnect.UNREACHABLE, "a limit of this node is reached");
      return;
    }
    ConnectionFacts facts =
        new ConnectionFacts(
            Optional.of(peer), source.getAddress(), own.getAddress(), target.getPort());
    ConnectionMeter meter = pod.telemetry().open(info());
    connect.tls().ifPresent(meter::secured);
    pod.deliveries()
        .deliver(
            new Delivery.Request(
                loop,
                destination,
                pod.sockets(),
                target,
                introduction(app),
                facts,
                meter,
                () -> pod.share().endStream(peer)),
            this);
  }

  private Introduction introduction(AskedApp.App app) {
    return app.told()
        .<Introduction>map(asked -> new Introduction.ByHeader(client(), asked, peer))
        .orElseGet(() -> new Introduction.ByAddress(client()));
  }

  @Override
  public Half accepted() {
    return connect.accept(Baggage.format(destination));
  }

  @Override
  public void refused(Refusal why) {
    connect.refuse(why == Refusal.DENIED ? InboundConnect.DENIED : InboundConnect.UNREACHABLE);
  }

  private void refuse(int status, String problem) {
    pod.telemetry().refused(info(), Outcome.failed(ResponseFlag.CONNECT, problem));
    connect.refuse(status);
  }

  /** The address is the tunnel's, which cannot be forged; only the port is the peer's word. */
  private InetSocketAddress client() {
    return connect
        .forwarded()
        .client()
        .filter(client -> client.getAddress().equals(source.getAddress()))
        .orElse(source);
  }

  private ConnectionInfo info() {
    return new ConnectionInfo(
        Direction.INBOUND,
        Security.MUTUAL_TLS,
        client(),
        target,
        target,
        Optional.of(own),
        sourceWorkload(),
        Optional.ofNullable(destination),
        connect.forwarded().host().flatMap(this::service),
        Optional.of(peer),
        Optional.of(pod.pod().identity()));
  }

  private Optional<dev.culvert.ztunnel.xds.Service> service(String hostname) {
    return pod.mesh().serviceByHostname(pod.pod().namespace(), hostname);
  }

  /**
   * From another network the address is the gateway's, and the peer's own word counts. Who proves
   * to be the workload of that address is no other, whatever it says: or it could be counted under
   * as many names as it likes.
   */
  private Optional<Workload> sourceWorkload() {
    Optional<Workload> known = pod.mesh().workload(source.getAddress());
    boolean far =
        destination != null
            && connect.network().filter(n -> !n.equals(destination.network())).isPresent()
            && known.filter(own -> own.identity().equals(peer)).isEmpty();
    return far ? claimed() : known.or(this::claimed);
  }

  /** A source that the control plane does not know. */
  private Optional<Workload> claimed() {
    return connect.baggage().workload(peer, source.getAddress());
  }
}

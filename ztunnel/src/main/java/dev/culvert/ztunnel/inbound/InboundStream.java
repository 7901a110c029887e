// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.inbound;

import dev.culvert.policy.authz.ConnectionFacts;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.hbone.Authority;
import dev.culvert.ztunnel.hbone.Baggage;
import dev.culvert.ztunnel.hbone.InboundConnect;
import dev.culvert.ztunnel.inbound.Delivery.Refusal;
import dev.culvert.ztunnel.route.ProxyPorts;
import dev.culvert.ztunnel.telemetry.ConnectionInfo;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Direction;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Security;
import dev.culvert.ztunnel.telemetry.ConnectionMeter;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import dev.culvert.ztunnel.transport.Half;
import dev.culvert.ztunnel.xds.ServicePort;
import dev.culvert.ztunnel.xds.Workload;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One CONNECT of a proved peer. Only the pod's own address is a target, or a service that the pod
 * is behind.
 */
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
    if (!target.getAddress().equals(own.getAddress())) {
      String problem =
          "asked for %s, but the tunnel leads to %s"
              .formatted(Authority.format(target), own.getAddress().getHostAddress());
      refuse(InboundConnect.BAD_REQUEST, problem);
    } else if (ProxyPorts.isOwn(target.getPort())) {
      refuse(InboundConnect.BAD_REQUEST, "attempted recursive call to ourselves");
    } else {
      pod.known().find(pod.pod(), own.getAddress(), loop, this::known);
    }
  }

  private void known(Optional<Workload> found) {
    if (found.isEmpty()) {
      refuse(InboundConnect.UNREACHABLE, pod.known().whyUnknown(pod.pod(), own.getAddress()));
      return;
    }
    destination = found.get();
    if (connect.target().isUnresolved() && !servesAsked()) {
      return;
    }
    if (!pod.share().beginStream(peer)) {
      refuse(InboundConnect.UNREACHABLE, "a limit of this node is reached");
      return;
    }
    ConnectionFacts facts =
        new ConnectionFacts(
            Optional.of(peer), source.getAddress(), target.getAddress(), target.getPort());
    ConnectionMeter meter = pod.telemetry().open(info());
    connect.tls().ifPresent(meter::secured);
    pod.deliveries()
        .deliver(
            new Delivery.Request(
                loop,
                destination,
                pod.sockets(),
                target,
                client(),
                facts,
                meter,
                () -> pod.share().endStream(peer)),
            this);
  }

  /** Finds the port behind the service that was asked for by name, or refuses. */
  private boolean servesAsked() {
    InetSocketAddress asked = connect.target();
    OptionalInt port = portOf(asked.getHostString(), asked.getPort());
    if (port.isEmpty()) {
      refuse(InboundConnect.BAD_REQUEST, "%s is no service of this pod".formatted(asked));
      return false;
    }
    target = new InetSocketAddress(own.getAddress(), port.getAsInt());
    if (ProxyPorts.isOwn(target.getPort())) {
      refuse(InboundConnect.BAD_REQUEST, "attempted recursive call to ourselves");
      return false;
    }
    return true;
  }

  private OptionalInt portOf(String hostname, int servicePort) {
    for (String key : destination.services().keySet()) {
      int slash = key.indexOf('/');
      if (key.substring(slash + 1).equals(hostname)) {
        OptionalInt own = destination.targetPort(key, servicePort);
        return own.isPresent() ? own : ofService(key.substring(0, slash), hostname, servicePort);
      }
    }
    return OptionalInt.empty();
  }

  private OptionalInt ofService(String namespace, String hostname, int servicePort) {
    return pod.mesh()
        .serviceByHostname(namespace, hostname)
        .flatMap(service -> service.port(servicePort))
        .map(ServicePort::targetPort)
        .filter(port -> port > 0)
        .map(OptionalInt::of)
        .orElse(OptionalInt.empty());
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

  /** From another network the address is the gateway's. */
  private Optional<Workload> sourceWorkload() {
    boolean far =
        destination != null
            && connect.network().filter(n -> !n.equals(destination.network())).isPresent();
    return far ? claimed() : pod.mesh().workload(source.getAddress()).or(this::claimed);
  }

  /** A source that the control plane does not know. */
  private Optional<Workload> claimed() {
    return connect.baggage().workload(peer, source.getAddress());
  }
}

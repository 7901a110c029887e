// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.inbound;

import dev.culvert.policy.authz.ConnectionFacts;
import dev.culvert.ztunnel.inbound.Delivery.Refusal;
import dev.culvert.ztunnel.route.ProxyPorts;
import dev.culvert.ztunnel.telemetry.ConnectionInfo;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Direction;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Security;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import dev.culvert.ztunnel.transport.Half;
import dev.culvert.ztunnel.transport.TcpHalf;
import dev.culvert.ztunnel.xds.Workload;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * A connection to a pod that came without a tunnel. It has no identity, and policy judges it so.
 */
public final class InboundPlaintext {
  private final InboundPod pod;
  private final TcpHalf client;
  private final InetSocketAddress source;
  private final InetSocketAddress target;

  private InboundPlaintext(InboundPod pod, TcpHalf client, InetSocketAddress target) {
    this.pod = pod;
    this.client = client;
    this.source = client.remoteAddress();
    this.target = target;
  }

  /**
   * Takes a connection that was just accepted.
   *
   * @param target where it was going to
   */
  public static void accept(InboundPod pod, TcpHalf client, InetSocketAddress target) {
    pod.sockets().keepAlive(client.channel());
    new InboundPlaintext(pod, client, target).begin();
  }

  private void begin() {
    if (ProxyPorts.isOwn(target.getPort())) {
      refuse("attempted recursive call to ourselves", Optional.empty());
      return;
    }
    pod.known()
        .find(
            pod.pod(),
            target.getAddress(),
            client.channel().eventLoop(),
            found ->
                found.ifPresentOrElse(
                    this::judge,
                    () ->
                        refuse(
                            pod.known().whyUnknown(pod.pod(), target.getAddress()),
                            Optional.empty())));
  }

  /** A header that the client wrote itself would make it whoever it likes to be. */
  private void judge(Workload destination) {
    boolean hasHeader =
        destination
            .applicationTunnel()
            .filter(one -> one.hasHeaderOn(target.getPort()))
            .isPresent();
    if (hasHeader) {
      refuse(
          "port %d takes the PROXY protocol, and that from this proxy only"
              .formatted(target.getPort()),
          Optional.of(destination));
    } else {
      deliver(destination);
    }
  }

  private void deliver(Workload destination) {
    ConnectionFacts facts =
        new ConnectionFacts(
            Optional.empty(), source.getAddress(), target.getAddress(), target.getPort());
    pod.deliveries()
        .deliver(
            new Delivery.Request(
                client.channel().eventLoop(),
                destination,
                pod.sockets(),
                target,
                new Introduction.ByAddress(source),
                facts,
                pod.telemetry().open(info(Optional.of(destination))),
                () -> {}),
            new Waiting());
  }

  private final class Waiting implements Delivery.Client {
    @Override
    public Half accepted() {
      return client;
    }

    @Override
    public void refused(Refusal why) {
      client.reset();
    }
  }

  private void refuse(String problem, Optional<Workload> destination) {
    pod.telemetry().refused(info(destination), Outcome.failed(ResponseFlag.CONNECT, problem));
    client.reset();
  }

  private ConnectionInfo info(Optional<Workload> destination) {
    return new ConnectionInfo(
        Direction.INBOUND,
        Security.NONE,
        source,
        target,
        target,
        Optional.empty(),
        pod.mesh().workload(source.getAddress()),
        destination,
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.inbound;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.hbone.ConnectAcceptor;
import dev.culvert.ztunnel.hbone.InboundConnect;
import dev.culvert.ztunnel.hbone.ServerTunnels;
import dev.culvert.ztunnel.identity.WorkloadCertificate;
import dev.culvert.ztunnel.limits.Proving;
import dev.culvert.ztunnel.transport.PlainAddress;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A tunnel that another node opened to a pod. */
public final class InboundTunnel implements Proving {
  private static final Logger LOG = LoggerFactory.getLogger(InboundTunnel.class);

  private final InboundPod pod;
  private final Channel channel;

  private volatile boolean gaveWay;

  private InboundTunnel(InboundPod pod, Channel channel) {
    this.pod = pod;
    this.channel = channel;
  }

  /** Takes a connection that was just accepted and has no handlers yet. On its event loop. */
  public static void accept(InboundPod pod, Channel channel) {
    new InboundTunnel(pod, channel).begin();
  }

  private void begin() {
    pod.share().beginHandshake(this);
    channel.closeFuture().addListener(closed -> pod.share().endHandshake(this));
    SpiffeId identity = pod.pod().identity();
    var current = pod.certificates().current(identity);
    if (current.isPresent()) {
      secure(current.get());
      return;
    }
    var _ =
        pod.certificates()
            .get(identity)
            .whenCompleteAsync(
                (certificate, error) -> {
                  if (error == null) {
                    secure(certificate);
                  } else {
                    failed(
                        (error instanceof CompletionException ? error.getCause() : error)
                            .getMessage());
                  }
                },
                channel.eventLoop());
  }

  private void secure(WorkloadCertificate certificate) {
    ServerTunnels.secure(channel, certificate, pod.tunnels(), this::acceptor, this::failed);
    channel.config().setAutoRead(true);
  }

  @Override
  public void makeRoom() {
    gaveWay = true;
    var _ = channel.close();
  }

  private ConnectAcceptor acceptor(SpiffeId peer) {
    pod.share().endHandshake(this);
    if (!pod.share().beginPeer(peer)) {
      var _ = channel.close();
      return connect -> connect.refuse(InboundConnect.UNREACHABLE);
    }
    channel.closeFuture().addListener(closed -> pod.share().endPeer(peer));
    InetSocketAddress source = PlainAddress.of(channel.remoteAddress());
    InetSocketAddress own = PlainAddress.of(channel.localAddress());
    return connect ->
        new InboundStream(pod, channel.eventLoop(), peer, source, own, connect).begin();
  }

  /** A flood of those that gave way is told by their limit. */
  private void failed(String problem) {
    if (!gaveWay) {
      LOG.warn(
          "tunnel from {} to pod {}/{}: {}",
          PlainAddress.of(channel.remoteAddress()),
          pod.pod().namespace(),
          pod.pod().name(),
          problem);
    }
    var _ = channel.close();
  }
}

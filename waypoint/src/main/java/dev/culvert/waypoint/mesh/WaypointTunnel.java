// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

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

/** A tunnel that a client's proxy opened to this waypoint. */
final class WaypointTunnel implements Proving {
  private static final Logger LOG = LoggerFactory.getLogger(WaypointTunnel.class);

  private final WaypointInputs inputs;
  private final Channel channel;
  private volatile boolean gaveWay;

  WaypointTunnel(WaypointInputs inputs, Channel channel) {
    this.inputs = inputs;
    this.channel = channel;
  }

  /** Takes a connection that was just accepted and has no handlers yet. On its event loop. */
  void begin() {
    inputs.share().beginHandshake(this);
    channel.closeFuture().addListener(closed -> inputs.share().endHandshake(this));
    SpiffeId identity = inputs.self().identity();
    var current = inputs.certificates().current(identity);
    if (current.isPresent()) {
      secure(current.get());
      return;
    }
    var _ =
        inputs
            .certificates()
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
    ServerTunnels.secure(channel, certificate, inputs.settings(), this::acceptor, this::failed);
    channel.config().setAutoRead(true);
  }

  @Override
  public void makeRoom() {
    gaveWay = true;
    var _ = channel.close();
  }

  private ConnectAcceptor acceptor(SpiffeId peer) {
    inputs.share().endHandshake(this);
    if (!inputs.share().beginPeer(peer)) {
      var _ = channel.close();
      return connect -> connect.refuse(InboundConnect.UNREACHABLE);
    }
    channel.closeFuture().addListener(closed -> inputs.share().endPeer(peer));
    InetSocketAddress tunnel = PlainAddress.of(channel.remoteAddress());
    InetSocketAddress own = PlainAddress.of(channel.localAddress());
    return connect ->
        new WaypointStream(inputs, channel.eventLoop(), peer, tunnel, own, connect).begin();
  }

  /** A flood of those that gave way is told by their limit. */
  private void failed(String problem) {
    if (!gaveWay) {
      LOG.warn("tunnel from {}: {}", PlainAddress.of(channel.remoteAddress()), problem);
    }
    var _ = channel.close();
  }
}

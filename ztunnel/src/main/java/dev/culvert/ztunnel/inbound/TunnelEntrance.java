// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.inbound;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.hbone.ConnectAcceptor;
import dev.culvert.ztunnel.hbone.InboundConnect;
import dev.culvert.ztunnel.hbone.ServerTunnels;
import dev.culvert.ztunnel.hbone.TunnelSettings;
import dev.culvert.ztunnel.identity.WorkloadCertificate;
import dev.culvert.ztunnel.identity.WorkloadCertificates;
import dev.culvert.ztunnel.limits.PodShare;
import dev.culvert.ztunnel.limits.Proving;
import dev.culvert.ztunnel.limits.SparingLines;
import dev.culvert.ztunnel.transport.PlainAddress;
import io.netty.channel.Channel;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection that is to become a tunnel: its peer proves who it is, within the limits of whom it
 * wants to reach, before anything else of it is read.
 */
public final class TunnelEntrance implements Proving {
  private static final Logger LOG = LoggerFactory.getLogger(TunnelEntrance.class);
  private static final SparingLines LINES = new SparingLines();

  private final Host host;
  private final Reception reception;
  private final Channel channel;
  private volatile boolean gaveWay;

  /**
   * Who is reached.
   *
   * @param identity that it shows
   * @param share its limits
   * @param name for the log
   */
  public record Host(
      SpiffeId identity,
      PodShare share,
      WorkloadCertificates certificates,
      TunnelSettings settings,
      Object name) {}

  /** Makes what decides on the CONNECTs of a peer. */
  @FunctionalInterface
  public interface Reception {
    /**
     * On the tunnel's event loop.
     *
     * @param peer the identity that was proved
     * @param from the tunnel's other end
     * @param own this end
     */
    ConnectAcceptor of(SpiffeId peer, InetSocketAddress from, InetSocketAddress own);
  }

  private TunnelEntrance(Host host, Reception reception, Channel channel) {
    this.host = host;
    this.reception = reception;
    this.channel = channel;
  }

  /** Takes a connection that was just accepted and has no handlers yet. On its event loop. */
  public static void accept(Host host, Reception reception, Channel channel) {
    new TunnelEntrance(host, reception, channel).begin();
  }

  private void begin() {
    host.share.beginHandshake(this);
    channel.closeFuture().addListener(closed -> host.share.endHandshake(this));
    var current = host.certificates.current(host.identity);
    if (current.isPresent()) {
      secure(current.get());
      return;
    }
    var _ =
        host.certificates
            .get(host.identity)
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
    ServerTunnels.secure(channel, certificate, host.settings, this::acceptor, this::failed);
    channel.config().setAutoRead(true);
  }

  @Override
  public void makeRoom() {
    gaveWay = true;
    var _ = channel.close();
  }

  private ConnectAcceptor acceptor(SpiffeId peer) {
    host.share.endHandshake(this);
    if (!host.share.beginPeer(peer)) {
      var _ = channel.close();
      return connect -> connect.refuse(InboundConnect.UNREACHABLE);
    }
    channel.closeFuture().addListener(closed -> host.share.endPeer(peer));
    return reception.of(
        peer, PlainAddress.of(channel.remoteAddress()), PlainAddress.of(channel.localAddress()));
  }

  /** A flood of those that gave way is told by their limit. */
  private void failed(String problem) {
    if (!gaveWay) {
      LINES.next().ifPresent(leftOut -> tell(problem, leftOut));
    }
    var _ = channel.close();
  }

  private void tell(String problem, long leftOut) {
    if (leftOut > 0) {
      LOG.warn("{} more tunnels failed and were not told of", leftOut);
    }
    LOG.warn(
        "tunnel from {} to {}: {}", PlainAddress.of(channel.remoteAddress()), host.name, problem);
  }
}

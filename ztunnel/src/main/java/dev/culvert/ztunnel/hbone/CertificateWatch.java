// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.identity.MeshRoots;
import dev.culvert.ztunnel.identity.RevokedException;
import dev.culvert.ztunnel.identity.WorkloadCertificate;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import io.netty.channel.ChannelHandlerContext;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/**
 * Watches the certificates of a tunnel for as long as it is open. Once the peer's is revoked, the
 * tunnel ends, and the connections in it. Once the peer's or the own one has ended, it takes no new
 * connections: what is open goes on, as a TLS session does that outlives its certificates. Peers of
 * other meshes go on opening streams as long as a tunnel lasts, which may be forever.
 */
final class CertificateWatch {
  /** Timers stand still while a machine is suspended, and its clock may be set: looks again. */
  private static final Duration LONGEST_WAIT = Duration.ofMinutes(1);

  private final ChannelHandlerContext ctx;
  private final Supplier<Duration> left;
  private final TunnelHandler tunnel;

  private CertificateWatch(
      ChannelHandlerContext ctx, Supplier<Duration> left, TunnelHandler tunnel) {
    this.ctx = ctx;
    this.left = left;
    this.tunnel = tunnel;
  }

  /** Begins when the peer has proved itself. On the tunnel's event loop. */
  static void begin(
      ChannelHandlerContext ctx,
      SSLSession session,
      WorkloadCertificate certificate,
      TunnelHandler tunnel) {
    MeshRoots roots = certificate.roots();
    try {
      watchRevocation(ctx, roots, session, tunnel);
      Instant peers = roots.endOf(session);
      Instant own = certificate.notAfter();
      Instant end = own.isBefore(peers) ? own : peers;
      awaitEnd(ctx, () -> roots.timeUntil(end), tunnel);
    } catch (SSLPeerUnverifiedException e) {
      // Istio's ztunnel lets such a one go on; what cannot be revoked is not carried here.
      tunnel.abort(
          new TunnelException(
              ResponseFlag.IDENTITY_ERROR,
              "tunnel: the peer's certificates cannot be read: " + e.getMessage()));
    }
  }

  private static void watchRevocation(
      ChannelHandlerContext ctx, MeshRoots roots, SSLSession session, TunnelHandler tunnel)
      throws SSLPeerUnverifiedException {
    String side = tunnel.isServer() ? "destination" : "source";
    Runnable end =
        roots.watch(
            session,
            side,
            revoked -> {
              roots.countRevoked(side);
              ctx.executor().execute(() -> tunnel.abort(failure(revoked)));
            });
    ctx.channel().closeFuture().addListener(closed -> end.run());
  }

  private static TunnelException failure(RevokedException revoked) {
    return new TunnelException(ResponseFlag.CERT_REVOKED, "tunnel: " + revoked.getMessage());
  }

  /**
   * Lets the tunnel take no new streams once nothing is left.
   *
   * @param left until the first of the certificates ends, by the clock
   */
  static void awaitEnd(ChannelHandlerContext ctx, Supplier<Duration> left, TunnelHandler tunnel) {
    new CertificateWatch(ctx, left, tunnel).waitForEnd();
  }

  private void waitForEnd() {
    Duration now = left.get();
    Duration wait = now.compareTo(LONGEST_WAIT) < 0 ? now : LONGEST_WAIT;
    var _ =
        ctx.executor().schedule(this::look, Math.max(1, wait.toMillis()), TimeUnit.MILLISECONDS);
  }

  private void look() {
    if (!ctx.channel().isActive()) {
      return;
    }
    if (left.get().isPositive()) {
      waitForEnd();
    } else {
      tunnel.retire();
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.identity.RevokedException;
import dev.culvert.ztunnel.identity.WorkloadCertificate;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.SslHandler;
import javax.net.ssl.SSLPeerUnverifiedException;

/** Ends a tunnel, and the connections in it, once its peer's certificate is revoked. */
final class RevocationWatch {
  private RevocationWatch() {}

  /** Begins when the peer has proved itself. On the tunnel's event loop. */
  static void begin(
      ChannelHandlerContext ctx, WorkloadCertificate certificate, TunnelHandler tunnel) {
    String side = tunnel.isServer() ? "destination" : "source";
    try {
      Runnable end =
          certificate
              .roots()
              .watch(
                  ctx.pipeline().get(SslHandler.class).engine().getSession(),
                  side,
                  revoked -> {
                    certificate.roots().countRevoked(side);
                    ctx.executor().execute(() -> tunnel.abort(failure(revoked)));
                  });
      ctx.channel().closeFuture().addListener(closed -> end.run());
    } catch (SSLPeerUnverifiedException e) {
      // Istio's ztunnel lets such a one go on; what cannot be revoked is not carried here.
      tunnel.abort(
          new TunnelException(
              ResponseFlag.IDENTITY_ERROR,
              "tunnel: the peer's certificates cannot be read: " + e.getMessage()));
    }
  }

  private static TunnelException failure(RevokedException revoked) {
    return new TunnelException(ResponseFlag.CERT_REVOKED, "tunnel: " + revoked.getMessage());
  }
}

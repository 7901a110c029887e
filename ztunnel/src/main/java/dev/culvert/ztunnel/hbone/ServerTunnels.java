// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.identity.WorkloadCertificate;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.util.AttributeKey;
import java.io.IOException;
import java.util.function.Consumer;
import java.util.function.Function;
import javax.net.ssl.SSLSession;

/** Makes tunnels of accepted connections. On the connection's event loop. */
public final class ServerTunnels {
  private static final AttributeKey<Boolean> DRAINING =
      AttributeKey.valueOf(ServerTunnels.class, "draining");

  private ServerTunnels() {}

  /**
   * Begins the TLS handshake on a connection that has no handlers yet.
   *
   * @param acceptor makes what decides on the CONNECTs of a peer that proved this identity
   * @param failed told why there will be no tunnel
   */
  public static void secure(
      Channel channel,
      WorkloadCertificate certificate,
      TunnelSettings settings,
      Function<SpiffeId, ConnectAcceptor> acceptor,
      Consumer<String> failed) {
    Handshake.begin(
        channel,
        certificate.serverContext(),
        settings.connectTimeout(),
        new Handshake.Result() {
          @Override
          public void proved(ChannelHandlerContext ctx, SSLSession session, SpiffeId peer) {
            SpiffeId known = certificate.roots().normalize(peer);
            ServerTunnel tunnel = ServerTunnel.create(settings, acceptor.apply(known));
            CertificateWatch.begin(ctx, session, certificate, tunnel);
            ctx.pipeline().replace(ctx.name(), "tunnel", tunnel);
            if (ctx.channel().hasAttr(DRAINING)) {
              tunnel.drain();
            }
          }

          @Override
          public void failed(Throwable cause) {
            failed.accept("TLS failed: " + TlsFailure.describe(cause));
          }
        });
  }

  /**
   * Lets the tunnel on a connection end with its last stream, and one that is not there yet after
   * the handshake: who dials it would lose what waits for it. Any thread.
   */
  public static void drain(Channel channel) {
    channel
        .eventLoop()
        .execute(
            () -> {
              ServerTunnel tunnel = channel.pipeline().get(ServerTunnel.class);
              if (tunnel != null) {
                tunnel.drain();
              } else {
                channel.attr(DRAINING).set(true);
              }
            });
  }

  /**
   * Closes the tunnel on a connection with all its streams. Any thread.
   *
   * @param why for people, as the end of each stream
   */
  public static void breakOff(Channel channel, String why) {
    channel
        .eventLoop()
        .execute(
            () -> {
              ServerTunnel tunnel = channel.pipeline().get(ServerTunnel.class);
              if (tunnel != null) {
                tunnel.abort(new IOException(why));
              } else {
                var _ = channel.close();
              }
            });
  }
}

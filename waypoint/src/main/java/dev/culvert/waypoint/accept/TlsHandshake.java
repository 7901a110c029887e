// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.identity.PeerIdentity;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import io.netty.handler.ssl.SslHandler;
import java.security.cert.X509Certificate;
import java.util.Locale;
import java.util.Optional;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits for a handshake and takes the protocol that it agreed on (RFC 7301). */
final class TlsHandshake extends ApplicationProtocolNegotiationHandler {
  private static final Logger LOG = LoggerFactory.getLogger(TlsHandshake.class);

  private final AcceptedConnection connection;
  private Optional<String> serverName = Optional.empty();
  private boolean proves;
  private @Nullable ConnectionTaker taker;

  TlsHandshake(AcceptedConnection connection) {
    super(ApplicationProtocolNames.HTTP_1_1);
    this.connection = connection;
  }

  /**
   * It begins.
   *
   * @param name that is asked for; null for none
   * @param proving whether a certificate of the client is verified by it
   * @param carrier takes what is in it; null for HTTP
   */
  void begun(@Nullable String name, boolean proving, @Nullable ConnectionTaker carrier) {
    taker = carrier;
    serverName = lowerCase(name);
    proves = proving;
  }

  /** Somebody else's it is: what is known of its client. */
  ClientConnection passed(@Nullable String name) {
    connection.secured(lowerCase(name), Optional.empty());
    return connection.connection();
  }

  private static Optional<String> lowerCase(@Nullable String name) {
    return Optional.ofNullable(name).map(one -> one.toLowerCase(Locale.ROOT));
  }

  /** A certificate without a SPIFFE id lets its client in and is nobody's. */
  private Optional<SpiffeId> identity(ChannelHandlerContext ctx) {
    try {
      SSLSession session = ctx.pipeline().get(SslHandler.class).engine().getSession();
      return proves
          ? Optional.of(PeerIdentity.of((X509Certificate) session.getPeerCertificates()[0]))
          : Optional.empty();
    } catch (SSLPeerUnverifiedException e) {
      return Optional.empty();
    }
  }

  @Override
  protected void configurePipeline(ChannelHandlerContext ctx, String protocol) {
    connection.secured(serverName, identity(ctx));
    if (taker != null) {
      taker.take((SocketChannel) ctx.channel(), connection.connection());
    } else if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
      connection.http2(ctx.channel());
    } else {
      connection.http1(ctx.channel());
    }
  }

  @Override
  protected void handshakeFailure(ChannelHandlerContext ctx, Throwable cause) {
    LOG.debug("{}: TLS failed: {}", ctx.channel().remoteAddress(), cause.getMessage());
    var _ = ctx.close();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    handshakeFailure(ctx, cause);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.ApplicationProtocolNegotiationHandler;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits for a handshake and takes the protocol that it agreed on (RFC 7301). */
final class TlsHandshake extends ApplicationProtocolNegotiationHandler {
  private static final Logger LOG = LoggerFactory.getLogger(TlsHandshake.class);

  private final AcceptedConnection connection;

  TlsHandshake(AcceptedConnection connection) {
    super(ApplicationProtocolNames.HTTP_1_1);
    this.connection = connection;
  }

  @Override
  protected void configurePipeline(ChannelHandlerContext ctx, String protocol) {
    if (protocol.equals(ApplicationProtocolNames.HTTP_2)) {
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

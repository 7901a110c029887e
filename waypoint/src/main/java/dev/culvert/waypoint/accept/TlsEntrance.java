// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.socket.SocketChannel;
import io.netty.handler.ssl.AbstractSniHandler;
import io.netty.util.concurrent.Future;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks at the name that a handshake asks for (RFC 6066, section 3) before anything answers it, and
 * makes way for who ends it. A connection that asks for nobody known is closed.
 */
final class TlsEntrance extends AbstractSniHandler<TlsEnd> {
  private static final Logger LOG = LoggerFactory.getLogger(TlsEntrance.class);

  /** As much time as Netty gives a handshake. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** Twenty times the longest that is in use; without, 16 MiB are had for saying so. */
  private static final int LONGEST_HELLO = 64 * 1024;

  private final ServerNames names;

  TlsEntrance(ServerNames names) {
    super(LONGEST_HELLO, PATIENCE.toMillis());
    this.names = names;
  }

  @Override
  protected Future<TlsEnd> lookup(ChannelHandlerContext ctx, String hostname) {
    return names
        .find(hostname)
        .map(ctx.executor()::newSucceededFuture)
        .orElseGet(
            () ->
                ctx.executor()
                    .newFailedFuture(
                        new IllegalArgumentException("nobody serves the name '" + hostname + "'")));
  }

  @Override
  protected void onLookupComplete(
      ChannelHandlerContext ctx, String hostname, Future<TlsEnd> found) {
    if (!found.isSuccess()) {
      LOG.debug("{}: {}", ctx.channel().remoteAddress(), found.cause().getMessage());
      var _ = ctx.close();
      return;
    }
    switch (found.getNow()) {
      case TlsEnd.Here end -> secure(ctx, hostname, end, null);
      case TlsEnd.Within(TlsEnd.Here end, ConnectionTaker taker) ->
          secure(ctx, hostname, end, taker);
      case TlsEnd.Beyond(ConnectionTaker taker) -> {
        ClientConnection client = ctx.pipeline().remove(TlsHandshake.class).passed(hostname);
        taker.take((SocketChannel) ctx.channel(), client);
        ctx.pipeline().remove(this);
      }
    }
  }

  private void secure(
      ChannelHandlerContext ctx,
      String hostname,
      TlsEnd.Here end,
      @Nullable ConnectionTaker taker) {
    ctx.pipeline().get(TlsHandshake.class).begun(hostname, end.proves(), taker);
    ctx.pipeline().replace(this, "tls", end.context().newHandler(ctx.alloc()));
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.identity.PeerIdentity;
import dev.culvert.ztunnel.tls.TlsRecords;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import io.netty.handler.ssl.ApplicationProtocolNames;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import javax.net.ssl.SSLSession;

/** Stands behind TLS until the peer has proved who it is; the next handler then takes its place. */
final class Handshake extends ChannelInboundHandlerAdapter {

  /** Hears how it ended: one of the two, once. */
  interface Result {
    /** The peer is who it says; {@code ctx} is the place to put the tunnel. */
    void proved(ChannelHandlerContext ctx, SSLSession session, SpiffeId peer);

    void failed(Throwable cause);
  }

  private final Result result;

  /** What the peer sent right behind its part of the handshake. */
  private final Queue<Object> early = new ArrayDeque<>();

  private boolean done;

  private Handshake(Result result) {
    this.result = result;
  }

  /** Adds TLS and this to a channel that has nothing yet. */
  static void begin(
      io.netty.channel.Channel channel, SslContext context, Duration timeout, Result result) {
    SslHandler tls = context.newHandler(channel.alloc());
    tls.setHandshakeTimeoutMillis(timeout.toMillis());
    channel.pipeline().addLast(tls, new Handshake(result));
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
    if (event instanceof SslHandshakeCompletionEvent completion) {
      if (completion.isSuccess()) {
        check(ctx);
      } else {
        fail(ctx, completion.cause());
      }
    }
  }

  private void check(ChannelHandlerContext ctx) {
    SslHandler tls = ctx.pipeline().get(SslHandler.class);
    try {
      if (!ApplicationProtocolNames.HTTP_2.equals(tls.applicationProtocol())) {
        throw new SSLException(
            "the peer does not speak h2 (ALPN: %s)".formatted(tls.applicationProtocol()));
      }
      SpiffeId peer = PeerIdentity.of(tls.engine().getSession());
      TlsSessions.keep(ctx.channel(), tls.engine().getSession());
      if (TlsRecords.fit(tls.engine(), ctx.alloc())) {
        // Netty's handler is in the middle of its work.
        ctx.executor().execute(() -> takeOver(ctx, tls, peer));
      } else {
        prove(ctx, tls.engine().getSession(), peer);
      }
    } catch (SSLPeerUnverifiedException e) {
      fail(ctx, e);
    } catch (SSLException e) {
      fail(ctx, e);
    }
  }

  private void takeOver(ChannelHandlerContext ctx, SslHandler tls, SpiffeId peer) {
    if (done) {
      return;
    }
    if (TlsRecords.replace(ctx.pipeline(), tls)) {
      prove(ctx, tls.engine().getSession(), peer);
    } else {
      fail(ctx, new IOException("the peer closed the connection behind the TLS handshake"));
    }
  }

  private void prove(ChannelHandlerContext ctx, SSLSession session, SpiffeId peer) {
    done = true;
    Queue<Object> behind = new ArrayDeque<>(early);
    early.clear();
    result.proved(ctx, session, peer);
    if (!behind.isEmpty()) {
      behind.forEach(ctx::fireChannelRead);
      ctx.fireChannelReadComplete();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object plaintext) {
    if (done) {
      ReferenceCountUtil.release(plaintext);
    } else {
      early.add(plaintext);
    }
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    early.forEach(ReferenceCountUtil::release);
    early.clear();
  }

  private void fail(ChannelHandlerContext ctx, Throwable cause) {
    var _ = ctx.close();
    if (!done) {
      done = true;
      result.failed(
          cause instanceof DecoderException && cause.getCause() != null ? cause.getCause() : cause);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) {
    fail(ctx, new IOException("the peer closed the connection during the TLS handshake"));
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    fail(ctx, cause);
  }
}

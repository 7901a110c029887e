// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import io.netty.bootstrap.Bootstrap;
import io.netty.channel.Channel;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.channel.ChannelInitializer;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.SimpleChannelInboundHandler;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioSocketChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.DefaultHttp2HeadersFrame;
import io.netty.handler.codec.http2.Http2FrameCodecBuilder;
import io.netty.handler.codec.http2.Http2GoAwayFrame;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2HeadersFrame;
import io.netty.handler.codec.http2.Http2MultiplexHandler;
import io.netty.handler.codec.http2.Http2StreamChannel;
import io.netty.handler.codec.http2.Http2StreamChannelBootstrap;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandshakeCompletionEvent;
import io.netty.util.ReferenceCountUtil;
import java.net.InetSocketAddress;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** A peer of a tunnel that sends what the test wants, built on Netty's stock HTTP/2. */
public final class RawPeer implements AutoCloseable {
  private final EventLoopGroup loop = new MultiThreadIoEventLoopGroup(1, NioIoHandler.newFactory());
  private final CompletableFuture<Void> goneAway = new CompletableFuture<>();
  private final CompletableFuture<Void> secure = new CompletableFuture<>();
  private final Channel channel;

  public RawPeer(SslContext context, InetSocketAddress to, boolean answersPings)
      throws InterruptedException {
    channel =
        new Bootstrap()
            .group(loop)
            .channel(NioSocketChannel.class)
            .handler(
                new ChannelInitializer<>() {
                  @Override
                  protected void initChannel(Channel raw) {
                    raw.pipeline()
                        .addLast(
                            context.newHandler(raw.alloc()),
                            Http2FrameCodecBuilder.forClient()
                                .autoAckPingFrame(answersPings)
                                .build(),
                            new Http2MultiplexHandler(new ChannelInboundHandlerAdapter()),
                            new Watch());
                  }
                })
            .connect(to)
            .sync()
            .channel();
  }

  /** Done when TLS is; failed if it failed. */
  public CompletableFuture<Void> secure() {
    return secure;
  }

  /** Done when a GOAWAY came. */
  public CompletableFuture<Void> goneAway() {
    return goneAway;
  }

  /** Done when the connection is closed. */
  public CompletableFuture<Void> closed() {
    CompletableFuture<Void> closed = new CompletableFuture<>();
    channel.closeFuture().addListener(done -> closed.complete(null));
    return closed;
  }

  public static Http2Headers connect(String authority) {
    return new DefaultHttp2Headers(false).method("CONNECT").authority(authority);
  }

  /** The status of the answer to a request. */
  public String ask(Http2Headers headers) throws Exception {
    CompletableFuture<String> status = new CompletableFuture<>();
    Http2StreamChannel stream =
        new Http2StreamChannelBootstrap(channel).handler(new Answer(status)).open().get();
    var _ = stream.writeAndFlush(new DefaultHttp2HeadersFrame(headers, false));
    stream.closeFuture().addListener(done -> status.complete("closed"));
    return status.get(30, TimeUnit.SECONDS);
  }

  @Override
  public void close() {
    channel.close().syncUninterruptibly();
    loop.shutdownGracefully(0, 5, TimeUnit.SECONDS).syncUninterruptibly();
  }

  private static final class Answer extends SimpleChannelInboundHandler<Object> {
    private final CompletableFuture<String> status;

    Answer(CompletableFuture<String> status) {
      this.status = status;
    }

    @Override
    protected void channelRead0(ChannelHandlerContext ctx, Object frame) {
      if (frame instanceof Http2HeadersFrame headers) {
        status.complete(headers.headers().status().toString());
      }
    }
  }

  private final class Watch extends ChannelInboundHandlerAdapter {
    @Override
    public void channelRead(ChannelHandlerContext ctx, Object frame) {
      if (frame instanceof Http2GoAwayFrame) {
        goneAway.complete(null);
      }
      ReferenceCountUtil.release(frame);
    }

    @Override
    public void userEventTriggered(ChannelHandlerContext ctx, Object event) {
      if (event instanceof SslHandshakeCompletionEvent tls) {
        if (tls.isSuccess()) {
          secure.complete(null);
        } else {
          secure.completeExceptionally(tls.cause());
        }
      }
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
      var _ = ctx.close();
    }
  }
}

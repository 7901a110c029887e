// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.codec.http2.Http2CodecUtil;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Tells HTTP/2 with prior knowledge from HTTP/1 by the first bytes (RFC 9113, section 3.4): no
 * request of HTTP/1 begins like the preface, so one byte that differs decides.
 */
final class ProtocolDetection extends ByteToMessageDecoder {
  private final AcceptedConnection connection;
  private final ByteBuf preface = Http2CodecUtil.connectionPrefaceBuf();
  private io.netty.util.concurrent.@Nullable Future<?> timer;

  ProtocolDetection(AcceptedConnection connection) {
    this.connection = connection;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    Runnable end =
        () -> {
          var _ = ctx.close();
        };
    long nanos = connection.settings().headTimeout().toNanos();
    timer = ctx.executor().schedule(end, nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  protected void handlerRemoved0(ChannelHandlerContext ctx) {
    preface.release();
    if (timer != null) {
      timer.cancel(false);
    }
  }

  /** A client that breaks off before it said anything is no news. */
  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    var _ = ctx.close();
  }

  @Override
  protected void decode(ChannelHandlerContext ctx, ByteBuf in, List<Object> out) {
    int length = Math.min(in.readableBytes(), preface.readableBytes());
    for (int i = 0; i < length; i++) {
      if (in.getByte(in.readerIndex() + i) != preface.getByte(i)) {
        connection.http1(ctx.channel());
        ctx.pipeline().remove(this);
        return;
      }
    }
    if (length == preface.readableBytes()) {
      connection.http2(ctx.channel());
      ctx.pipeline().remove(this);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundHandlerAdapter;
import io.netty.channel.ChannelPromise;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Puts the short pieces that frames are written in into one buffer: each by itself is an entry of
 * the socket's queue and a part of a writev(2), or of a record that is put together. What is
 * gathered leaves with a flush, or before a piece that is long, and is written when that buffer is.
 * Before the handler that writes the frames, on its event loop.
 */
final class GatheredFrames extends ChannelOutboundHandlerAdapter {
  /** Pieces up to here are copied: a buffer of their own costs more. */
  private static final int COPIED = 2048;

  private static final int GATHERED = 8192;

  private @Nullable ByteBuf gathered;
  private Pieces pieces = new Pieces();

  @Override
  public void write(ChannelHandlerContext ctx, Object message, ChannelPromise promise) {
    if (message instanceof ByteBuf piece && piece.readableBytes() <= COPIED) {
      gather(ctx, piece, promise);
    } else {
      pass(ctx);
      var _ = ctx.write(message, promise);
    }
  }

  private void gather(ChannelHandlerContext ctx, ByteBuf piece, ChannelPromise promise) {
    if (gathered != null && gathered.readableBytes() + piece.readableBytes() > GATHERED) {
      pass(ctx);
    }
    if (gathered == null) {
      gathered = ctx.alloc().directBuffer(GATHERED, GATHERED);
    }
    gathered.writeBytes(piece);
    piece.release();
    if (!promise.isVoid()) {
      pieces.written.add(promise);
    }
  }

  private void pass(ChannelHandlerContext ctx) {
    if (gathered != null) {
      ByteBuf all = gathered;
      Pieces of = pieces;
      gathered = null;
      pieces = new Pieces();
      ctx.write(all).addListener(of);
    }
  }

  @Override
  public void flush(ChannelHandlerContext ctx) {
    pass(ctx);
    ctx.flush();
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    if (gathered != null) {
      gathered.release();
      gathered = null;
      pieces.failed(new ClosedChannelException());
    }
  }

  /** The pieces of a buffer, each of which somebody may wait for. */
  private static final class Pieces implements ChannelFutureListener {
    private final List<ChannelPromise> written = new ArrayList<>();

    @Override
    public void operationComplete(ChannelFuture buffer) {
      if (buffer.isSuccess()) {
        for (int i = 0; i < written.size(); i++) {
          written.get(i).trySuccess();
        }
      } else {
        failed(buffer.cause());
      }
    }

    void failed(Throwable cause) {
      for (int i = 0; i < written.size(); i++) {
        written.get(i).tryFailure(cause);
      }
    }
  }
}

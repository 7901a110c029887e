// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import dev.culvert.ztunnel.hbone.frame.ErrorCode;
import dev.culvert.ztunnel.hbone.frame.FrameException;
import dev.culvert.ztunnel.hbone.frame.FrameListener;
import dev.culvert.ztunnel.hbone.frame.FrameReader;
import dev.culvert.ztunnel.hbone.frame.Settings;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFutureListener;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import io.netty.handler.codec.DecoderException;
import java.io.IOException;
import java.util.Objects;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How the bytes of an HTTP/2 connection come and go: its first SETTINGS, its frames in batches, and
 * its last GOAWAY, by which a peer that did wrong is told so. On its event loop.
 */
abstract class Http2Wire extends ChannelInboundHandlerAdapter {
  private static final Logger LOG = LoggerFactory.getLogger(Http2Wire.class);

  /**
   * Bytes that may wait for a peer that reads nothing, beyond what bodies wait for: answers to
   * PINGs and heads, which no window bounds.
   */
  private static final int MAX_UNSENT = 4 * 1024 * 1024;

  private final boolean server;
  private final Http2Bounds bounds;
  private ChannelHandlerContext ctx;
  private Http2Output output;
  private FrameReader reader;
  private boolean greeted;
  private boolean stopped;

  Http2Wire(boolean server, Http2Bounds bounds) {
    this.server = server;
    this.bounds = bounds;
  }

  /** The connection begins; who hears of its frames. */
  abstract FrameListener begin(Http2Output output);

  /** The highest number of the peer's streams that there has been. */
  abstract int lastOfPeer();

  /** All that was there to be read has been. */
  abstract void batchRead();

  /** Tells writers that wait. */
  abstract void wakeAll();

  /** The connection ended. */
  abstract void over();

  /** Where frames are written. */
  public final ChannelHandlerContext context() {
    return ctx;
  }

  final Http2Output output() {
    return output;
  }

  /** Whether the peer can still be told something. */
  final boolean canTell() {
    return greeted && ctx.channel().isActive();
  }

  /** Whether nothing is read and sent any more. */
  final boolean isStopped() {
    return stopped;
  }

  /** Not by a close alone: it would not wait for a peer that reads slowly. */
  final void closeWhenSent() {
    output.flush();
    ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  /** Ends it now, with a word to the peer. */
  protected final void close() {
    if (greeted && !stopped) {
      stopped = true;
      output.writer().goAway(lastOfPeer(), ErrorCode.NO_ERROR, "");
      output.flush();
    }
    var _ = ctx.close();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) throws Exception {
    ctx = added;
    output = new Http2Output(added);
    reader =
        new FrameReader(
            begin(output),
            added.alloc(),
            server,
            Settings.DEFAULT_MAX_FRAME,
            bounds.maxBlockBytes(),
            new Http2FieldsDecoder(bounds.maxHeadBytes()));
    if (added.channel().isActive()) {
      greet();
    }
  }

  @Override
  public void channelActive(ChannelHandlerContext from) throws Exception {
    if (!greeted) {
      greet();
    }
    super.channelActive(from);
  }

  private void greet() {
    greeted = true;
    bounds.greet(output.writer(), server);
    output.flush();
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    if (stopped) {
      bytes.release();
      return;
    }
    output.reading(true);
    try {
      reader.read(bytes);
      if (!from.channel().isWritable() && from.channel().bytesBeforeWritable() > MAX_UNSENT) {
        throw new FrameException(ErrorCode.ENHANCE_YOUR_CALM, "the peer does not read our answers");
      }
    } catch (FrameException e) {
      breakOff(e);
    }
  }

  /** The peer is told what it did wrong. */
  private void breakOff(FrameException cause) {
    stopped = true;
    output.writer().goAway(lastOfPeer(), cause.code(), Objects.toString(cause.getMessage()));
    output.writer().finish();
    ctx.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext from) {
    batchRead();
    output.reading(false);
    from.fireChannelReadComplete();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext from) {
    if (from.channel().isWritable()) {
      output.flushSoon();
      wakeAll();
    }
    from.fireChannelWritabilityChanged();
  }

  @Override
  public void channelInactive(ChannelHandlerContext from) throws Exception {
    stopped = true;
    over();
    super.channelInactive(from);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext from) {
    stopped = true;
    over();
    reader.close();
    output.close();
  }

  /** A connection that broke: its streams hear of it by its end. */
  @Override
  public void exceptionCaught(ChannelHandlerContext from, Throwable cause) {
    if (!(cause instanceof IOException || cause instanceof DecoderException)) {
      LOG.error("an HTTP/2 connection is closed", cause);
    }
    var _ = from.close();
  }
}

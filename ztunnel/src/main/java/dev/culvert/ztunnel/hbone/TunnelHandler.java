// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

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
import io.netty.util.collection.IntObjectHashMap;
import java.io.IOException;
import java.util.List;

/**
 * A tunnel's connection and its streams, whichever side it is: how they begin and end. What comes
 * in and goes out is {@link TunnelInput} and {@link TunnelOutput}, what the peer's frames mean is
 * {@link TunnelFrames}. On one event loop.
 */
abstract class TunnelHandler extends ChannelInboundHandlerAdapter implements FrameListener {
  /**
   * Bytes that may wait for a peer that reads nothing, beyond what DATA waits for: answers to PINGs
   * and the like, which no window bounds.
   */
  private static final int MAX_UNSENT = 4 * 1024 * 1024;

  private final TunnelSettings settings;
  private final boolean server;
  private final IntObjectHashMap<HboneStream> streams = new IntObjectHashMap<>();
  private final FloodGuard flood = new FloodGuard();
  private final PeerSettings peer = new PeerSettings();
  private final TunnelEnd end = new TunnelEnd(this);
  private ChannelHandlerContext context;
  private Patience patience;
  private int lingering;
  private TunnelInput input;
  private TunnelOutput output;
  private Keepalive keepalive;
  private Throwable failure;

  TunnelHandler(TunnelSettings settings, boolean server) {
    this.settings = settings;
    this.server = server;
  }

  /** The highest stream that there has been; frames for a higher one are the peer's error. */
  abstract int lastStream();

  /** Settings beside those that both sides have. */
  abstract int[] ownSettings();

  /** A stream left the tunnel; its end of the relay was told. */
  abstract void streamGone(HboneStream stream);

  /** A stream is reset because its peer let it wait for too long. */
  abstract void gaveUp(HboneStream stream);

  /** The peer wants no new streams, and does not know those above the last it names. */
  abstract void goneAway(int lastStreamKnown);

  /** Whether the peer opens the streams. */
  final boolean isServer() {
    return server;
  }

  final TunnelSettings settings() {
    return settings;
  }

  final ChannelHandlerContext context() {
    return context;
  }

  /** What comes in. */
  final TunnelInput input() {
    return input;
  }

  /** What goes out. */
  final TunnelOutput output() {
    return output;
  }

  /** How it ends in order. */
  final TunnelEnd end() {
    return end;
  }

  /** Why the tunnel is closed, or is about to be; made when it is asked for. */
  final Throwable failure() {
    return failure == null ? new IOException("the tunnel was closed by the peer") : failure;
  }

  final int streamCount() {
    return streams.size();
  }

  /** Streams that the peer has left and whose other ends live on. */
  final int lingering() {
    return lingering;
  }

  final void lingering(int change) {
    lingering += change;
  }

  final FloodGuard flood() {
    return flood;
  }

  /** How the peer wants to be treated. */
  final PeerSettings peer() {
    return peer;
  }

  /** Probes whether the peer still answers. */
  final Keepalive keepalive() {
    return keepalive;
  }

  final HboneStream stream(int id) {
    return streams.get(id);
  }

  /** All that are open, also when some of them close meanwhile. */
  final List<HboneStream> streams() {
    return List.copyOf(streams.values());
  }

  /**
   * Every stream's peer takes so many bytes more, or fewer; false when that is more than can be.
   */
  final boolean growAll(int bytes) {
    boolean fits = true;
    for (HboneStream stream : streams.values()) {
      fits &= stream.output().grow(bytes);
    }
    return fits;
  }

  final HboneStream add(int id) {
    HboneStream stream = new HboneStream(this, id, settings.streamWindow(), output.initialWindow());
    streams.put(id, stream);
    return stream;
  }

  /** Both sides ended. */
  final void finished(HboneStream stream) {
    remove(stream);
  }

  final void reset(HboneStream stream, ErrorCode code) {
    if (streams.get(stream.id()) == stream) {
      output.writer().reset(stream.id(), code);
      flushSoon();
      remove(stream);
    }
  }

  final void remove(HboneStream stream) {
    if (streams.remove(stream.id()) != null) {
      gone(stream);
    }
  }

  private void gone(HboneStream stream) {
    input.returnWindow(stream.closed());
    streamGone(stream);
    end.closeIfUnused();
  }

  /** Sends what can be sent, now or, while reading, at the end of the batch. */
  final void flushNow() {
    if (input.isReading()) {
      output.flushSoon();
    } else {
      output.flush();
    }
  }

  /** Sends when this event loop has looked at all that is ready. */
  final void flushSoon() {
    output.flushSoon();
  }

  final void ping(long data) {
    output.writer().ping(data, false);
    flushSoon();
  }

  /** Takes no new streams, and closes after the last one. */
  final void drain() {
    if (context != null && context.channel().isActive()) {
      end.drain();
    }
  }

  /** The same, told to whoever looks for tunnels with room. */
  void retire() {
    drain();
  }

  /** Names why the tunnel will be closed, unless that is known already. */
  final void failing(Throwable cause) {
    if (failure == null) {
      failure = cause;
    }
  }

  /** Closes at once: streams break, their other ends are reset. */
  final void abort(Throwable cause) {
    failing(cause);
    var _ = context.close();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) {
    context = ctx;
    output = new TunnelOutput(ctx);
    input =
        new TunnelInput(
            new FrameReader(
                this, ctx.alloc(), server, settings.maxFrame(), settings.maxHeaderList()),
            output,
            settings.connectionWindow());
    greet();
    keepalive = new Keepalive(this, settings);
    keepalive.start();
    patience = new Patience(this, settings);
    patience.start();
  }

  private void greet() {
    if (!server) {
      output.writer().preface();
    }
    output.writer().settings(ownSettings());
    int more = settings.connectionWindow() - Settings.DEFAULT_WINDOW;
    if (more > 0) {
      output.writer().windowUpdate(0, more);
    }
    output.flush();
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) {
    ByteBuf bytes = (ByteBuf) message;
    if (input.isStopped()) {
      bytes.release();
      return;
    }
    try {
      input.read(bytes);
      if (!ctx.channel().isWritable() && ctx.channel().bytesBeforeWritable() > MAX_UNSENT) {
        throw new FrameException(ErrorCode.ENHANCE_YOUR_CALM, "the peer does not read our answers");
      }
    } catch (FrameException e) {
      breakOff(e);
    }
  }

  /** The peer is told what it did wrong. */
  private void breakOff(FrameException cause) {
    input.stop();
    failing(cause);
    output.writer().goAway(lastStream(), cause.code(), cause.getMessage());
    output.writer().finish();
    context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    input.readComplete();
  }

  @Override
  public void channelWritabilityChanged(ChannelHandlerContext ctx) {
    if (ctx.channel().isWritable()) {
      output.flushSoon();
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    keepalive.stop();
    patience.stop();
    input.stop();
    for (HboneStream stream : streams()) {
      remove(stream);
    }
    super.channelInactive(ctx);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    input.close();
    output.close();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    failing(cause.getCause() == null ? cause : cause.getCause());
    var _ = ctx.close();
  }
}

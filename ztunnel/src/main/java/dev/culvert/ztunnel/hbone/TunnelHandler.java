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
import java.util.ArrayList;
import java.util.List;

/**
 * A tunnel's connection and its streams, whichever side it is: the streams are ends of connections,
 * window is returned by what was written on, flushes are per batch, a silent peer is probed. What
 * the peer's frames mean is {@link TunnelFrames}. On one event loop.
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
  private final ReceiveWindow window;
  private final FloodGuard flood = new FloodGuard();
  private final PeerSettings peer = new PeerSettings();
  private final List<HboneStream> unread = new ArrayList<>();
  private ChannelHandlerContext context;
  private Patience patience;
  private int lingering;
  private FrameReader reader;
  private TunnelOutput output;
  private Keepalive keepalive;
  private Throwable failure;
  private boolean reading;
  private boolean broken;
  private boolean draining;
  private boolean closing;
  private boolean leaving;

  TunnelHandler(TunnelSettings settings, boolean server) {
    this.settings = settings;
    this.server = server;
    this.window = new ReceiveWindow(settings.connectionWindow());
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

  final TunnelOutput output() {
    return output;
  }

  final boolean isDraining() {
    return draining;
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

  /** Whether the last GOAWAY was sent: what is asked for after it is not looked at. */
  final boolean isClosing() {
    return closing;
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
      fits &= stream.grow(bytes);
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
    returnWindow(stream.closed());
    streamGone(stream);
    closeIfUnused();
  }

  /**
   * Bytes of a stream went on their way: the peer may send as many again.
   *
   * @param grant what its stream's window gets now
   * @param bytes what the connection's window gets, now or later
   */
  final void returnWindow(HboneStream stream, int grant, int bytes) {
    if (grant > 0 && !broken) {
      output.writer().windowUpdate(stream.id(), grant);
      flushSoon();
    }
    returnWindow(bytes);
  }

  /** Whether the peer may send so much on the connection. */
  final boolean takeWindow(int bytes) {
    return window.take(bytes);
  }

  /** Bytes that belong to no stream went on their way. */
  final void returnWindow(int bytes) {
    if (broken) {
      return;
    }
    int grant = window.give(bytes);
    if (grant > 0) {
      output.writer().windowUpdate(0, grant);
      flushSoon();
    }
  }

  /** A stream got data and is to be told when the batch is over. */
  final void readComplete(HboneStream stream) {
    unread.add(stream);
  }

  /** Sends what can be sent, now or, while reading, at the end of the batch. */
  final void flushNow() {
    if (reading) {
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

  /**
   * No new streams; closes after the last one. The first GOAWAY names no stream, so that a CONNECT
   * already on its way is still served (RFC 9113 6.8); the answer to a PING says that none is.
   */
  final void drain() {
    if (draining || context == null || !context.channel().isActive()) {
      return;
    }
    draining = true;
    output.writer().goAway(Integer.MAX_VALUE, ErrorCode.NO_ERROR, "");
    keepalive.roundTrip(this::drained);
  }

  private void drained() {
    closing = true;
    output.writer().goAway(lastStream(), ErrorCode.NO_ERROR, "");
    output.flush();
    closeIfUnused();
  }

  /** The peer wants no new streams: ours end, then the tunnel does. */
  final void retire() {
    draining = true;
    closing = true;
  }

  /** Names why the tunnel will be closed, unless that is known already. */
  final void failing(Throwable cause) {
    if (failure == null) {
      failure = cause;
    }
  }

  /**
   * Closes when the peer has taken what was sent last: a socket that closes while something comes
   * in is reset, and what it has not sent yet is lost, as the end of the last stream.
   */
  final void closeIfUnused() {
    if (closing && !leaving && streams.isEmpty() && context.channel().isActive()) {
      leaving = true;
      keepalive.roundTrip(output::closeWhenSent);
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
    reader =
        new FrameReader(this, ctx.alloc(), server, settings.maxFrame(), settings.maxHeaderList());
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
    if (broken) {
      bytes.release();
      return;
    }
    reading = true;
    try {
      reader.read(bytes);
      if (!ctx.channel().isWritable() && ctx.channel().bytesBeforeWritable() > MAX_UNSENT) {
        throw new FrameException(ErrorCode.ENHANCE_YOUR_CALM, "the peer does not read our answers");
      }
    } catch (FrameException e) {
      breakOff(e);
    }
  }

  /** The peer is told what it did wrong. */
  private void breakOff(FrameException cause) {
    broken = true;
    failing(cause);
    output.writer().goAway(lastStream(), cause.code(), cause.getMessage());
    output.writer().finish();
    context.writeAndFlush(Unpooled.EMPTY_BUFFER).addListener(ChannelFutureListener.CLOSE);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) {
    for (int i = 0; i < unread.size(); i++) {
      unread.get(i).dataComplete();
    }
    unread.clear();
    reading = false;
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
    broken = true;
    for (HboneStream stream : streams()) {
      remove(stream);
    }
    super.channelInactive(ctx);
  }

  @Override
  public void handlerRemoved(ChannelHandlerContext ctx) {
    reader.close();
    output.close();
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    failing(cause.getCause() == null ? cause : cause.getCause());
    var _ = ctx.close();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameAdapter;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/**
 * What both sides of a tunnel share: streams as ends of connections, window returned by what was
 * written on, flushes per batch, probes of a silent peer. Frames go to a listener as gRPC does it:
 * a child channel for each stream would cost an object graph and a queue per connection.
 */
abstract class TunnelHandler extends Http2ConnectionHandler {
  private final TunnelSettings settings;
  private final Http2Connection.PropertyKey streamKey;
  private final List<HboneStream> unread = new ArrayList<>();
  private ChannelHandlerContext context;
  private Keepalive keepalive;
  private Throwable failure;
  private boolean reading;
  private boolean flushPlanned;
  private boolean draining;
  private boolean closing;

  TunnelHandler(
      Http2ConnectionDecoder decoder,
      Http2ConnectionEncoder encoder,
      Http2Settings initial,
      TunnelSettings settings) {
    super(decoder, encoder, initial, true);
    this.settings = settings;
    this.streamKey = connection().newKey();
    connection().addListener(new Streams());
  }

  /** The builder sets its own listener last. */
  final void listen() {
    decoder().frameListener(new Frames());
  }

  /** HEADERS came on a stream that is not bound: a new one, or the answer on one of ours. */
  abstract void headers(Http2Stream stream, Http2Headers headers);

  /** The peer reset a stream that is not bound. */
  abstract void unboundReset(Http2Stream stream, long code);

  /** A stream left the connection; its end of the relay was told. */
  abstract void streamGone(Http2Stream stream);

  /** The peer wants no new streams. */
  abstract void goAwayReceived();

  final TunnelSettings settings() {
    return settings;
  }

  final ChannelHandlerContext context() {
    return context;
  }

  final boolean isDraining() {
    return draining;
  }

  /** Why the tunnel is closed, or is about to be. */
  final Throwable failure() {
    return failure == null ? new IOException("the tunnel was closed by the peer") : failure;
  }

  /** Why the tunnel is closed, where that says more than what came of it. */
  final Throwable failureOr(Throwable consequence) {
    return failure == null ? consequence : failure;
  }

  final HboneStream bind(Http2Stream stream) {
    HboneStream half = new HboneStream(this, stream);
    stream.setProperty(streamKey, half);
    return half;
  }

  final ChannelFuture writeData(Http2Stream stream, ByteBuf data, boolean last) {
    return encoder().writeData(context, stream.id(), data, 0, last, context.newPromise());
  }

  final void reset(Http2Stream stream, Http2Error error) {
    if (stream.state() != Http2Stream.State.CLOSED) {
      var _ = resetStream(context, stream.id(), error.code(), context.newPromise());
      flushNow();
    }
  }

  /** Bytes of a stream went on their way: the peer may send as many again. */
  final void returnWindow(Http2Stream stream, int bytes) {
    try {
      if (connection().local().flowController().consumeBytes(stream, bytes)) {
        flushSoon();
      }
    } catch (Http2Exception e) {
      onError(context, true, e);
    }
  }

  /** A stream got data and is to be told when the batch is over. */
  final void readComplete(HboneStream stream) {
    unread.add(stream);
  }

  /**
   * Not the context's flush: that one starts below this handler and would leave what waits in the
   * flow controller.
   */
  final void flushNow() {
    if (!reading) {
      flush(context);
    }
  }

  private void flushSoon() {
    if (!reading && !flushPlanned) {
      flushPlanned = true;
      context
          .executor()
          .execute(
              () -> {
                flushPlanned = false;
                flush(context);
              });
    }
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
    goAway(Integer.MAX_VALUE);
    keepalive.roundTrip(this::drained);
  }

  private void drained() {
    closing = true;
    goAway(connection().remote().lastStreamCreated());
    closeIfUnused();
  }

  private void goAway(int lastStream) {
    var _ =
        goAway(
            context,
            lastStream,
            Http2Error.NO_ERROR.code(),
            Unpooled.EMPTY_BUFFER,
            context.newPromise());
    flush(context);
  }

  private void closeIfUnused() {
    if (closing && connection().numActiveStreams() == 0) {
      var _ = context.channel().close();
    }
  }

  /** Closes at once: streams break, their other ends are reset. */
  final void abort(Throwable cause) {
    if (failure == null) {
      failure = cause;
    }
    var _ = context.channel().close();
  }

  @Override
  public void handlerAdded(ChannelHandlerContext ctx) throws Exception {
    context = ctx;
    super.handlerAdded(ctx);
    var stream = connection().connectionStream();
    var flow = connection().local().flowController();
    flow.incrementWindowSize(stream, settings.connectionWindow() - flow.windowSize(stream));
    keepalive = new Keepalive(this, settings);
    keepalive.start();
    flush(ctx);
  }

  @Override
  public void channelRead(ChannelHandlerContext ctx, Object message) throws Exception {
    reading = true;
    super.channelRead(ctx, message);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext ctx) throws Exception {
    for (int i = 0; i < unread.size(); i++) {
      unread.get(i).dataComplete();
    }
    unread.clear();
    reading = false;
    super.channelReadComplete(ctx);
  }

  @Override
  public void channelInactive(ChannelHandlerContext ctx) throws Exception {
    keepalive.stop();
    super.channelInactive(ctx);
  }

  @Override
  public void exceptionCaught(ChannelHandlerContext ctx, Throwable cause) {
    Throwable root = cause.getCause() == null ? cause : cause.getCause();
    if (failure == null) {
      failure = root;
    }
    if (root instanceof Http2Exception) {
      onError(ctx, false, root);
    } else {
      var _ = ctx.close();
    }
  }

  @Override
  protected void onConnectionError(
      ChannelHandlerContext ctx, boolean outbound, Throwable cause, Http2Exception http2) {
    if (failure == null) {
      failure = cause;
    }
    super.onConnectionError(ctx, outbound, cause, http2);
  }

  private HboneStream half(Http2Stream stream) {
    return stream == null ? null : stream.getProperty(streamKey);
  }

  private HboneStream half(int streamId) {
    return half(connection().stream(streamId));
  }

  private final class Streams extends Http2ConnectionAdapter {
    @Override
    public void onStreamClosed(Http2Stream stream) {
      HboneStream half = half(stream);
      if (half != null) {
        half.closed(failure());
      }
      streamGone(stream);
      closeIfUnused();
    }

    @Override
    public void onGoAwayReceived(int lastStreamId, long errorCode, ByteBuf debugData) {
      draining = true;
      closing = true;
      goAwayReceived();
      closeIfUnused();
    }
  }

  private final class Frames extends Http2FrameAdapter {
    @Override
    public int onDataRead(
        ChannelHandlerContext ctx, int streamId, ByteBuf data, int padding, boolean endOfStream) {
      HboneStream half = half(streamId);
      if (half == null) {
        return data.readableBytes() + padding;
      }
      if (data.isReadable()) {
        half.data(data.retain());
      }
      if (endOfStream) {
        half.ended();
      }
      return padding;
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext ctx,
        int streamId,
        Http2Headers headers,
        int dependency,
        short weight,
        boolean exclusive,
        int padding,
        boolean endOfStream) {
      onHeadersRead(ctx, streamId, headers, padding, endOfStream);
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext ctx,
        int streamId,
        Http2Headers headers,
        int padding,
        boolean endOfStream) {
      Http2Stream stream = connection().stream(streamId);
      if (stream == null) {
        return;
      }
      if (half(stream) == null) {
        headers(stream, headers);
      }
      HboneStream half = half(stream);
      if (endOfStream && half != null) {
        half.ended();
      }
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext ctx, int streamId, long errorCode) {
      Http2Stream stream = connection().stream(streamId);
      HboneStream half = half(stream);
      if (half != null) {
        half.resetByPeer(errorCode);
      } else if (stream != null) {
        unboundReset(stream, errorCode);
      }
    }

    @Override
    public void onPingAckRead(ChannelHandlerContext ctx, long data) {
      keepalive.answered(data);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.DefaultHttp2Connection;
import io.netty.handler.codec.http2.DefaultHttp2RemoteFlowController;
import io.netty.handler.codec.http2.Http2Connection;
import io.netty.handler.codec.http2.Http2ConnectionAdapter;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2EventAdapter;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.handler.codec.http2.UniformStreamByteDistributor;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * An HTTP/2 connection whose streams are ends of exchanges. Windows are given back when the other
 * end took the bytes. On its event loop.
 */
public abstract class Http2Session extends Http2ConnectionHandler {
  private final Http2Connection.PropertyKey ends;
  private final List<Http2End> touched = new ArrayList<>();
  private final int connectionWindow;
  private final Runnable planned = this::plannedFlush;
  private ChannelHandlerContext ctx;
  private boolean reading;
  private boolean flushes;

  /**
   * @param connectionWindow bytes that all streams together may have under way
   */
  @SuppressWarnings("this-escape") // Netty's way: what is given away is used from the loop on
  protected Http2Session(
      Http2ConnectionDecoder decoder,
      Http2ConnectionEncoder encoder,
      Http2Settings settings,
      int connectionWindow) {
    super(decoder, encoder, settings);
    this.connectionWindow = connectionWindow;
    this.ends = connection().newKey();
    decoder.frameListener(new Frames());
    connection().addListener(new Streams());
    encoder.flowController().listener(this::writabilityChanged);
  }

  /**
   * The state of a connection whose streams take turns alike: priorities are a thing of the past
   * (RFC 9113, section 5.3.2), and Netty's tree of them costs each stream a place in it.
   */
  protected static Http2Connection connection(boolean server) {
    Http2Connection connection = new DefaultHttp2Connection(server);
    connection
        .remote()
        .flowController(
            new DefaultHttp2RemoteFlowController(
                connection, new UniformStreamByteDistributor(connection)));
    return connection;
  }

  /** Headers of a stream that has no end yet: a request, on a server. */
  protected abstract void opened(Http2Stream stream, Http2Headers headers, boolean ended)
      throws Http2Exception;

  /** Something moved on the connection; returns when, in nanoseconds. */
  protected long moved() {
    return 0;
  }

  /** Shows the ends of all streams. */
  protected final void forEach(Consumer<Http2End> shown) throws Http2Exception {
    connection()
        .forEachActiveStream(
            stream -> {
              Http2End end = stream.getProperty(ends);
              if (end != null) {
                shown.accept(end);
              }
              return true;
            });
  }

  /** The connection takes no more streams. */
  protected void goingAway() {}

  /** Gives a stream its end. */
  protected void attach(Http2Stream stream, Http2End end) {
    stream.setProperty(ends, end);
  }

  /** Where frames are written. */
  public ChannelHandlerContext context() {
    return ctx;
  }

  @Override
  public void handlerAdded(ChannelHandlerContext added) throws Exception {
    ctx = added;
    added.pipeline().addBefore(added.name(), null, new GatheredFrames());
    super.handlerAdded(added);
    widen();
  }

  @Override
  public void channelActive(ChannelHandlerContext from) throws Exception {
    super.channelActive(from);
    widen();
  }

  private void widen() throws Http2Exception {
    Http2Stream all = connection().connectionStream();
    int missing = connectionWindow - decoder().flowController().initialWindowSize(all);
    if (ctx.channel().isActive() && missing > 0) {
      decoder().flowController().incrementWindowSize(all, missing);
      flushSoon();
    }
  }

  @Override
  public void channelRead(ChannelHandlerContext from, Object message) throws Exception {
    reading = true;
    super.channelRead(from, message);
  }

  @Override
  public void channelReadComplete(ChannelHandlerContext from) throws Exception {
    for (int i = 0; i < touched.size(); i++) {
      touched.get(i).readComplete();
    }
    touched.clear();
    reading = false;
    flushes = false;
    super.channelReadComplete(from);
  }

  /** A connection that broke: its streams hear of it by its end. */
  @Override
  public void exceptionCaught(ChannelHandlerContext from, Throwable cause) throws Exception {
    if (cause instanceof IOException) {
      var _ = from.close();
    } else {
      super.exceptionCaught(from, cause);
    }
  }

  /**
   * Once all that is ready on this event loop was looked at: answers of many backends then share
   * TLS records and system calls.
   */
  void flushSoon() {
    if (!flushes) {
      flushes = true;
      if (!reading) {
        ctx.executor().execute(planned);
      }
    }
  }

  private void plannedFlush() {
    if (flushes && !reading) {
      flushes = false;
      flush(ctx);
    }
  }

  private @Nullable Http2End end(int id) {
    Http2Stream stream = connection().stream(id);
    return stream == null ? null : stream.getProperty(ends);
  }

  private void touch(Http2End end) {
    if (end.touch(moved())) {
      touched.add(end);
    }
  }

  private void writabilityChanged(Http2Stream stream) {
    Http2End end = stream.getProperty(ends);
    if (end != null && encoder().flowController().isWritable(stream)) {
      end.becameWritable();
    }
  }

  private final class Frames extends Http2EventAdapter {
    @Override
    public void onHeadersRead(
        ChannelHandlerContext from, int id, Http2Headers headers, int padding, boolean last)
        throws Http2Exception {
      Http2End end = end(id);
      if (end != null) {
        touch(end);
        end.headersRead(headers, last);
      } else {
        moved();
        opened(connection().stream(id), headers, last);
      }
    }

    @Override
    public void onHeadersRead(
        ChannelHandlerContext from,
        int id,
        Http2Headers headers,
        int dependency,
        short weight,
        boolean exclusive,
        int padding,
        boolean last)
        throws Http2Exception {
      onHeadersRead(from, id, headers, padding, last);
    }

    /** Padding is given back at once, data when it is with the other end. */
    @Override
    public int onDataRead(
        ChannelHandlerContext from, int id, ByteBuf data, int padding, boolean last) {
      Http2End end = end(id);
      if (end == null) {
        return data.readableBytes() + padding;
      }
      touch(end);
      end.dataRead(data.retain(), last);
      return padding;
    }

    @Override
    public void onRstStreamRead(ChannelHandlerContext from, int id, long code) {
      Http2End end = end(id);
      if (end != null) {
        moved();
        end.resetRead(code);
      }
    }

    @Override
    public void onGoAwayRead(ChannelHandlerContext from, int last, long code, ByteBuf debug) {
      goingAway();
    }
  }

  private final class Streams extends Http2ConnectionAdapter {
    @Override
    public void onStreamClosed(Http2Stream stream) {
      Http2End end = stream.removeProperty(ends);
      if (end != null) {
        end.closed();
      }
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.waypoint.http.Http2Session;
import dev.culvert.waypoint.plan.Target;
import dev.culvert.ztunnel.transport.Leaving;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.http2.AbstractHttp2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.Http2ConnectionDecoder;
import io.netty.handler.codec.http2.Http2ConnectionEncoder;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.codec.http2.Http2Settings;
import io.netty.handler.codec.http2.Http2Stream;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** An HTTP/2 connection to a backend. */
final class Http2Backend extends Http2Session {
  /** Of a peer that has not said yet: what RFC 9113 recommends as the least. */
  private static final int STREAMS = 100;

  private static final int STREAMS_AT_FULL_SPEED = 16;

  private final Http2Pool pool;
  private @Nullable Future<?> idleTimer;
  private int opened;
  private int open;
  private boolean leaving;
  private boolean closed;

  private Http2Backend(
      Http2ConnectionDecoder decoder,
      Http2ConnectionEncoder encoder,
      Http2Settings http2,
      Http2Pool pool,
      PoolSettings settings) {
    super(decoder, encoder, http2, settings.responseWindow() * STREAMS_AT_FULL_SPEED);
    this.pool = pool;
  }

  static Http2Backend of(Http2Pool pool, Target target, PoolSettings settings) {
    return new Builder(pool, settings).build();
  }

  private static final class Builder
      extends AbstractHttp2ConnectionHandlerBuilder<Http2Backend, Builder> {
    private final Http2Pool pool;
    private final PoolSettings settings;

    Builder(Http2Pool pool, PoolSettings settings) {
      this.pool = pool;
      this.settings = settings;
      connection(Http2Session.connection(false));
      // Bounds of a server's, which the builder takes this for by its connection.
      encoderEnforceMaxRstFramesPerWindow(0, 0);
      decoderEnforceMaxRstFramesPerWindow(0, 0);
      validateHeaders(true);
      gracefulShutdownTimeoutMillis(0);
      initialSettings(
          Http2Settings.defaultSettings()
              .pushEnabled(false)
              .initialWindowSize(settings.responseWindow())
              .maxHeaderListSize(settings.maxHeadBytes()));
    }

    @Override
    protected Http2Backend build() {
      return super.build();
    }

    @Override
    protected Http2Backend build(
        Http2ConnectionDecoder decoder, Http2ConnectionEncoder encoder, Http2Settings http2) {
      return new Http2Backend(decoder, encoder, http2, pool, settings);
    }
  }

  boolean isOpen() {
    return !closed && context() != null && context().channel().isActive();
  }

  boolean hasRoom() {
    long peers = connection().local().maxActiveStreams();
    return !leaving && isOpen() && open < Math.min(peers, STREAMS);
  }

  /** A stream that counts from now on; its number is given when the head is sent. */
  BackendStream newStream() {
    open++;
    if (idleTimer != null) {
      idleTimer.cancel(false);
      idleTimer = null;
    }
    boolean reused = opened++ > 0;
    if (opened >= pool.maxRequests()) {
      leave();
    }
    return new Http2BackendStream(this, reused);
  }

  /** Makes the stream of a head known, so that what comes on it finds its end. */
  void attachEnd(Http2Stream stream, Http2BackendStream.End end) {
    attach(stream, end);
  }

  /** A stream of {@link #newStream} is over. */
  void released() {
    open--;
    if (open == 0 && (leaving || pool.isDraining())) {
      close();
    } else if (open == 0) {
      idleTimer =
          context()
              .executor()
              .schedule((Runnable) this::close, pool.idle().toNanos(), TimeUnit.NANOSECONDS);
    }
    if (!leaving) {
      pool.serveWaiting();
    }
  }

  void closeIfIdle() {
    if (open == 0) {
      close();
    }
  }

  private void close() {
    var _ = context().channel().close();
  }

  @Override
  protected void goingAway() {
    if (!leaving) {
      leave();
      closeIfIdle();
    }
  }

  @Override
  public void userEventTriggered(ChannelHandlerContext from, Object event) throws Exception {
    if (event == Leaving.PEER) {
      goingAway();
    }
    super.userEventTriggered(from, event);
  }

  /** No further streams. */
  private void leave() {
    if (!leaving) {
      leaving = true;
      pool.closed(this);
    }
  }

  @Override
  public void channelInactive(ChannelHandlerContext from) throws Exception {
    closed = true;
    if (idleTimer != null) {
      idleTimer.cancel(false);
    }
    super.channelInactive(from);
    leave();
  }

  /** A backend opens no streams: pushes are switched off. */
  @Override
  protected void opened(Http2Stream stream, Http2Headers headers, boolean ended) {}
}

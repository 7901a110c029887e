// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.waypoint.http.Http2Bounds;
import dev.culvert.waypoint.http.Http2Fields;
import dev.culvert.waypoint.http.Http2Session;
import dev.culvert.ztunnel.transport.Leaving;
import io.netty.channel.ChannelHandlerContext;
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

  Http2Backend(Http2Pool pool, PoolSettings settings) {
    super(
        false,
        new Http2Bounds(
            settings.maxHeadBytes(),
            settings.responseWindow(),
            settings.responseWindow() * STREAMS_AT_FULL_SPEED,
            0));
    this.pool = pool;
  }

  boolean isOpen() {
    return !closed && context() != null && context().channel().isActive();
  }

  boolean hasRoom() {
    return !leaving && isOpen() && canOpen() && open < Math.min(maxStreams(), STREAMS);
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

  /** Whether a stream can begin; the backend may have left since it was promised. */
  boolean takesStreams() {
    return isOpen() && canOpen();
  }

  /** The number of a stream that begins now. */
  int nextId() {
    return nextStream();
  }

  /** Makes a stream known, so that what comes on it finds its end. */
  void attachEnd(Http2BackendStream.End end) {
    attach(end);
  }

  /** Whether the backend has said that it did nothing with a stream. */
  boolean isUnseen(int id) {
    return isUnknownToPeer(id);
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
  protected void opened(int id, Http2Fields head, boolean ended) {}

  @Override
  protected void tooLarge(int id) {}
}

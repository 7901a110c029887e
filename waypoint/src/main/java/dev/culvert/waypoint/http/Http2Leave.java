// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import dev.culvert.ztunnel.hbone.frame.ErrorCode;
import io.netty.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * How an HTTP/2 connection ends in order (RFC 9113, section 6.8): no new streams, then no stream,
 * then no connection. On its event loop.
 */
final class Http2Leave {
  /** A peer that answers no PING is not waited for. */
  private static final long PATIENCE_MILLIS = 1000;

  private final Http2Session session;
  private final Http2Output output;
  private long ping;
  private @Nullable Runnable then;
  private @Nullable Future<?> timer;
  private boolean draining;
  private boolean closing;
  private boolean leaving;

  Http2Leave(Http2Session session, Http2Output output) {
    this.session = session;
    this.output = output;
  }

  /** Whether the last GOAWAY was sent: what is asked for after it is not looked at. */
  boolean isClosing() {
    return closing;
  }

  /**
   * No new streams; closes after the last one. The first GOAWAY names no stream, so that a request
   * already on its way is still served; the answer to a PING says that none is.
   */
  void drain() {
    if (!draining) {
      draining = true;
      output.writer().goAway(Integer.MAX_VALUE, ErrorCode.NO_ERROR, "");
      roundTrip(this::drained);
    }
  }

  private void drained() {
    closing = true;
    output.writer().goAway(session.streams().lastOfPeer(), ErrorCode.NO_ERROR, "");
    output.flushSoon();
    closeIfUnused();
  }

  /**
   * Closes when the peer has taken what was sent last: a socket that closes while something comes
   * in is reset, and what it has not sent yet is lost, as the end of the last stream.
   */
  void closeIfUnused() {
    if (closing && !leaving && session.streamCount() == 0) {
      leaving = true;
      roundTrip(session::closeWhenSent);
    }
  }

  private void roundTrip(Runnable next) {
    stop();
    then = next;
    ping++;
    output.writer().ping(ping, false);
    output.flushSoon();
    timer =
        session
            .context()
            .executor()
            .schedule(this::proceed, PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
  }

  /** The peer answered a PING. */
  void answered(long data) {
    if (data == ping) {
      proceed();
    }
  }

  private void proceed() {
    Runnable next = then;
    stop();
    if (next != null) {
      next.run();
    }
  }

  /** Nothing follows any more. */
  void stop() {
    then = null;
    if (timer != null) {
      timer.cancel(false);
      timer = null;
    }
  }
}

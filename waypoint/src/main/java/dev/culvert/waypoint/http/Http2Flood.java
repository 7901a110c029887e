// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import dev.culvert.ztunnel.hbone.frame.ErrorCode;
import dev.culvert.ztunnel.hbone.frame.FrameException;
import java.util.concurrent.TimeUnit;

/**
 * Bounds the frames that cost us more than the peer (RFC 9113, section 10.5): resets of either side
 * that the peer is the reason of, DATA of nothing, PING, SETTINGS, PRIORITY, WINDOW_UPDATE for
 * nothing that was sent. On an event loop.
 */
final class Http2Flood {
  /** Of the cheapest within the time. */
  static final int FRAMES = 20_000;

  /** A request that is begun for nothing is a hundred of those: 200 of them. */
  static final int COSTLY = 100;

  private static final long WITHIN_NANOS = TimeUnit.SECONDS.toNanos(30);

  private long begin = System.nanoTime();
  private int weight;

  /** A frame that is answered or looked at, and no more. */
  void count() throws FrameException {
    count(1);
  }

  /** A stream that came to nothing, or DATA of nothing. */
  void countCostly() throws FrameException {
    count(COSTLY);
  }

  private void count(int more) throws FrameException {
    weight += more;
    if (weight < FRAMES) {
      return;
    }
    long now = System.nanoTime();
    if (now - begin < WITHIN_NANOS) {
      throw new FrameException(
          ErrorCode.ENHANCE_YOUR_CALM, "too many frames without use within 30 s");
    }
    begin = now;
    weight = more;
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.hbone.frame.ErrorCode;
import dev.culvert.ztunnel.hbone.frame.FrameException;
import java.util.concurrent.TimeUnit;

/**
 * Bounds the frames that cost the receiver more than the sender: resets, PINGs, SETTINGS, empty
 * DATA, WINDOW_UPDATEs for nothing that was sent. Resets of a peer are resets of its clients, which
 * are many behind one tunnel: the bound is far above what a busy node sends, and still a bound on
 * what one peer can make us work.
 */
final class FloodGuard {
  static final int FRAMES = 20_000;

  /** Requests that no honest peer makes, and that a line of the log is written for: 200 of them. */
  private static final int MALFORMED = 100;

  private static final long WITHIN_NANOS = TimeUnit.SECONDS.toNanos(30);

  private long begin = System.nanoTime();
  private int frames;

  void count() throws FrameException {
    count(1);
  }

  void countMalformed() throws FrameException {
    count(MALFORMED);
  }

  private void count(int weight) throws FrameException {
    frames += weight;
    if (frames < FRAMES) {
      return;
    }
    long now = System.nanoTime();
    if (now - begin < WITHIN_NANOS) {
      throw new FrameException(
          ErrorCode.ENHANCE_YOUR_CALM, FRAMES + " frames without use within 30 s");
    }
    begin = now;
    frames = 0;
  }
}

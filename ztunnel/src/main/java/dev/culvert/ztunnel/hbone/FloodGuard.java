// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.hbone.frame.ErrorCode;
import dev.culvert.ztunnel.hbone.frame.FrameException;
import java.util.concurrent.TimeUnit;

/**
 * Bounds the frames that cost the receiver more than the sender: resets, PINGs, SETTINGS, empty
 * DATA. Resets of a peer are resets of its clients, which are many behind one tunnel: the bound is
 * far above what a busy node sends, and still a bound on what one peer can make us work.
 */
final class FloodGuard {
  private static final int FRAMES = 20_000;
  private static final long WITHIN_NANOS = TimeUnit.SECONDS.toNanos(30);

  private long begin = System.nanoTime();
  private int frames;

  void count() throws FrameException {
    if (++frames < FRAMES) {
      return;
    }
    long now = System.nanoTime();
    if (now - begin < WITHIN_NANOS) {
      throw new FrameException(
          ErrorCode.ENHANCE_YOUR_CALM, FRAMES + " resets, PINGs or empty frames within 30 s");
    }
    begin = now;
    frames = 0;
  }
}

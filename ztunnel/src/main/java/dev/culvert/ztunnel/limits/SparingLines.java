// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.limits;

import java.time.Duration;
import java.util.OptionalLong;
import java.util.function.LongSupplier;

/**
 * How many lines of one kind the log gets: a peer that has one written by each of its connections
 * must not drown all others in them. Any thread.
 */
public final class SparingLines {
  private static final int MOST = 100;
  private static final Duration WITHIN = Duration.ofSeconds(10);

  private final LongSupplier nanoTime;
  private long begin;
  private int written;
  private long leftOut;

  /** 100 in 10 s. */
  public SparingLines() {
    this(System::nanoTime);
  }

  SparingLines(LongSupplier nanoTime) {
    this.nanoTime = nanoTime;
    this.begin = nanoTime.getAsLong();
  }

  /**
   * Asks for one more line.
   *
   * @return how many were left out since the last one; empty when this one is to be left out too
   */
  public synchronized OptionalLong next() {
    long now = nanoTime.getAsLong();
    if (now - begin >= WITHIN.toNanos()) {
      begin = now;
      written = 0;
    }
    if (written == MOST) {
      leftOut++;
      return OptionalLong.empty();
    }
    written++;
    long before = leftOut;
    leftOut = 0;
    return OptionalLong.of(before);
  }
}

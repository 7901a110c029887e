// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.status;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.LongSupplier;

/**
 * How often is written: so many at once, then one by one. An API server is everybody's; what
 * thousands of objects say of themselves is in no hurry. Thread-safe.
 */
public final class WritePace {
  /** As client-go's controllers do by default, twice: they write for one kind each. */
  public static final WritePace STANDARD = new WritePace(Duration.ofMillis(50), 20);

  private final long every;
  private final long burst;
  private final LongSupplier nanos;
  private final ReentrantLock lock = new ReentrantLock();
  private long next;

  /**
   * @param every the time between two, when more wait
   * @param burst how many may go at once after a rest
   */
  public WritePace(Duration every, int burst) {
    this(every, burst, System::nanoTime);
  }

  WritePace(Duration every, int burst, LongSupplier nanos) {
    this.every = every.toNanos();
    this.burst = this.every * burst;
    this.nanos = nanos;
    this.next = nanos.getAsLong() - this.burst;
  }

  /** Waits for its turn. */
  void await() throws InterruptedException {
    TimeUnit.NANOSECONDS.sleep(turn());
  }

  /** Takes a turn, and tells how long it is until then, in nanoseconds; 0 or less for now. */
  long turn() {
    lock.lock();
    try {
      long now = nanos.getAsLong();
      next = Math.max(next + every, now - burst + every);
      return next - now;
    } finally {
      lock.unlock();
    }
  }
}

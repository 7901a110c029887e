// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.limits;

import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/** Whether buffers take more than they may; looked at from time to time, because a look costs. */
final class Buffers {
  private static final long FRESH_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final LongSupplier used;
  private final LongSupplier nanoTime;
  private final long most;
  private final AtomicLong nextLook;
  private volatile boolean tight;

  Buffers(LongSupplier used, long most, LongSupplier nanoTime) {
    this.used = used;
    this.most = most;
    this.nanoTime = nanoTime;
    this.nextLook = new AtomicLong(nanoTime.getAsLong());
  }

  boolean areTight() {
    long now = nanoTime.getAsLong();
    long due = nextLook.get();
    if (now - due >= 0 && nextLook.compareAndSet(due, now + FRESH_NANOS)) {
      tight = used.getAsLong() > most;
    }
    return tight;
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** When all proxies have been told of each batch: looks ten times in a millisecond, on a thread. */
final class ChurnLag {
  private record Batch(long expected, long began) {}

  private final AtomicLong told;
  private final ConcurrentLinkedQueue<Batch> open = new ConcurrentLinkedQueue<>();
  private final Latencies latencies = new Latencies();
  private final Thread watch = Thread.ofPlatform().daemon().name("lag").start(this::watch);
  private volatile boolean all;

  ChurnLag(AtomicLong told) {
    this.told = told;
  }

  /**
   * A batch was published.
   *
   * @param expected how many resources all proxies have been told in sum when it has arrived
   */
  void expect(long expected, long began) {
    open.add(new Batch(expected, began));
  }

  void awaitAll() throws InterruptedException {
    all = true;
    watch.join();
  }

  /** To be asked after {@link #awaitAll}. */
  Latencies latencies() {
    return latencies;
  }

  private void watch() {
    while (!all || !open.isEmpty()) {
      Batch next = open.peek();
      if (next != null && told.get() >= next.expected()) {
        latencies.add(System.nanoTime() - next.began());
        open.remove();
      } else {
        LockSupport.parkNanos(100_000);
      }
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import dev.culvert.tests.mesh.Await;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/** Apps that do the same again and again until they are told to stop, and what went wrong. */
final class Load implements AutoCloseable {
  /** What is counted is how many fail, not how many there are; the machine has more to do. */
  private static final long PAUSE_NANOS = 10_000_000;

  /** Who fails at once would only repeat it. */
  private static final int ENOUGH = 20;

  private final List<Thread> threads = new ArrayList<>();
  private final List<AtomicLong> counts = new ArrayList<>();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private volatile boolean stopped;

  /** Begins to do something; it fails by an exception. */
  void begin(String what, Callable<?> once) {
    AtomicLong count = new AtomicLong();
    counts.add(count);
    threads.add(Thread.ofPlatform().name(what).start(() -> repeat(what, once, count)));
  }

  private void repeat(String what, Callable<?> once, AtomicLong count) {
    while (!stopped && failures.size() < ENOUGH) {
      try {
        once.call();
        count.incrementAndGet();
      } catch (Exception | AssertionError e) {
        failures.add("%s, the %dth time: %s".formatted(what, count.get() + 1, e));
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
  }

  /** Waits until each has done so many more. */
  void awaitMore(long more) throws InterruptedException {
    List<Long> before = counts.stream().map(AtomicLong::get).toList();
    Await.until(
        "%d more of each, failed were %s".formatted(more, failures),
        () -> {
          for (int i = 0; i < before.size(); i++) {
            if (counts.get(i).get() < before.get(i) + more) {
              return failures.size() >= ENOUGH;
            }
          }
          return true;
        });
  }

  List<String> failures() {
    return List.copyOf(failures);
  }

  /** Stops all and waits for them. */
  void stop() throws InterruptedException {
    stopped = true;
    for (Thread thread : threads) {
      thread.join();
    }
  }

  @Override
  public void close() {
    stopped = true;
  }
}

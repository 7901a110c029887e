// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import java.time.Duration;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What is due now and then, on a thread of its own. */
final class Housekeeping implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Housekeeping.class);

  /** How soon a deleted token is worth nothing. */
  private static final Duration EVERY = Duration.ofSeconds(10);

  private final Thread thread;

  private Housekeeping(Thread thread) {
    this.thread = thread;
  }

  static Housekeeping start(List<Runnable> tasks) {
    return new Housekeeping(
        Thread.ofPlatform().daemon().name("housekeeping").start(() -> repeat(tasks)));
  }

  @Override
  public void close() {
    thread.interrupt();
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void repeat(List<Runnable> tasks) {
    try {
      while (true) {
        for (Runnable task : tasks) {
          run(task);
        }
        Thread.sleep(EVERY);
      }
    } catch (InterruptedException closed) {
      // The only way out.
    }
  }

  private static void run(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      LOG.error("{}; tried again in {} s", e.getMessage(), EVERY.toSeconds());
    }
  }
}

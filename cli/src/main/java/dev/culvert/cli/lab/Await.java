// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;

/** Waits for a condition of the world outside this process, which can only be asked again. */
public final class Await {
  private static final long INTERVAL = Duration.ofMillis(10).toNanos();

  private Await() {}

  /** A question about the outside world. */
  @FunctionalInterface
  public interface Condition {
    /** Whether it holds now; an IOException counts as no and is told when the time is over. */
    boolean holds() throws IOException;
  }

  /**
   * Waits until the condition holds.
   *
   * @param what for the message: "ztunnel of node1 is ready"
   * @return how long it took
   * @throws IOException when it did not in time, with the condition's last failure as the cause
   */
  public static Duration until(String what, Duration atMost, Condition condition)
      throws IOException {
    long begin = System.nanoTime();
    while (true) {
      IOException failure = null;
      try {
        if (condition.holds()) {
          return Duration.ofNanos(System.nanoTime() - begin);
        }
      } catch (IOException e) {
        failure = e;
      }
      if (System.nanoTime() - begin > atMost.toNanos()) {
        throw new IOException(
            "waited %d s in vain: %s".formatted(atMost.toSeconds(), what), failure);
      }
      pause(what);
    }
  }

  /** As {@link #until}, answering whether the condition came to hold. */
  static boolean quietly(Duration atMost, Condition condition) {
    try {
      until("", atMost, condition);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private static void pause(String what) throws IOException {
    LockSupport.parkNanos(INTERVAL);
    if (Thread.currentThread().isInterrupted()) {
      throw new IOException("interrupted while waiting: " + what);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.mesh;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Waits for conditions, with one generous deadline for all of them. */
public final class Await {
  private static final Duration DEADLINE = Duration.ofSeconds(60);
  private static final Duration PAUSE = Duration.ofMillis(20);

  private Await() {}

  /**
   * Waits until the condition holds; an exception of it counts as "not yet" and is told when time
   * is up.
   */
  public static void until(String what, Callable<Boolean> condition) throws InterruptedException {
    until(what, DEADLINE, condition);
  }

  /** The same for what takes others longer. */
  public static void until(String what, Duration patience, Callable<Boolean> condition)
      throws InterruptedException {
    long end = System.nanoTime() + patience.toNanos();
    Throwable last = null;
    while (System.nanoTime() < end) {
      try {
        if (condition.call()) {
          return;
        }
        last = null;
      } catch (InterruptedException e) {
        throw e;
      } catch (Exception | AssertionError e) {
        last = e;
      }
      Thread.sleep(PAUSE);
    }
    throw new AssertionError("not within %s: %s".formatted(patience, what), last);
  }
}

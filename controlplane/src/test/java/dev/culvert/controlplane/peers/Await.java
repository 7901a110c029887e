// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.peers;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Waits for what another thread will do. */
public final class Await {
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final Duration PAUSE = Duration.ofMillis(1);

  private Await() {}

  /** Until the condition holds; the line that asked says what did not come true. */
  public static void await(Callable<Boolean> condition) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("not within " + PATIENCE);
      }
      Thread.sleep(PAUSE);
    }
  }
}

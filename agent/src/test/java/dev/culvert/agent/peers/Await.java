// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.peers;

import java.time.Duration;
import java.util.concurrent.Callable;

/** Waits for what another thread will do. */
public final class Await {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration PAUSE = Duration.ofMillis(2);

  private Await() {}

  /**
   * Until the condition holds.
   *
   * @param instead what there is as long as it does not, told when time is up
   */
  public static void until(Callable<Boolean> condition, Callable<?> instead) throws Exception {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.call()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("after %s: %s".formatted(PATIENCE, instead.call()));
      }
      Thread.sleep(PAUSE);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.admin;

import java.net.InetAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;

/**
 * How many clients of a port are answered at a time; the others wait, in their order. An answer may
 * be as large as all that the proxy counts: one for each connection would be more than its memory.
 * Of one address few wait with the others, so that it does not shut them out. Any thread that may
 * wait.
 */
final class Turns {
  /** Of addresses that share one of these, each waits for the others as for itself. */
  private static final int GROUPS = 64;

  private final Semaphore all;
  private final Semaphore[] byAddress;
  private final Duration patience;

  /** A client's turn, until it is closed. */
  interface Turn extends AutoCloseable {
    @Override
    void close();
  }

  /**
   * @param atOnce of all clients
   * @param ofAddress of those of one address
   * @param patience how long each of the two is waited for
   */
  Turns(int atOnce, int ofAddress, Duration patience) {
    this.all = new Semaphore(atOnce, true);
    this.byAddress =
        IntStream.range(0, GROUPS)
            .mapToObj(i -> new Semaphore(ofAddress, true))
            .toArray(Semaphore[]::new);
    this.patience = patience;
  }

  /** Waits for a turn; empty when there was none in time, or the wait was interrupted. */
  Optional<Turn> take(InetAddress client) {
    Semaphore own = byAddress[Math.floorMod(client.hashCode(), GROUPS)];
    if (!isTaken(own)) {
      return Optional.empty();
    }
    if (!isTaken(all)) {
      own.release();
      return Optional.empty();
    }
    return Optional.of(
        () -> {
          all.release();
          own.release();
        });
  }

  private boolean isTaken(Semaphore turns) {
    try {
      return turns.tryAcquire(patience.toNanos(), TimeUnit.NANOSECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}

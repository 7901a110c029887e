// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.discovery;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * How many proxies may open their streams at one time. What a proxy says first may name all it
 * holds, and its first answer may be the whole mesh, in memory until the proxy has read it; when a
 * control plane starts, all proxies come at once. Who must wait is not read from meanwhile.
 */
final class Openings {
  /** Who does not read by then is sent away, and who asks for no address is through. */
  static final Duration LONGEST = Duration.ofSeconds(60);

  /** 100,000 workloads are 30 MB an answer. */
  private static final int AT_ONCE = 8;

  private final Executor later =
      CompletableFuture.delayedExecutor(LONGEST.toMillis(), TimeUnit.MILLISECONDS);
  private final Deque<Place> waiting = new ArrayDeque<>();
  private int taken;

  /**
   * A place for one stream.
   *
   * @param begin called once when it is its turn
   * @param late called when it is not left in time
   */
  Place place(Runnable begin, Runnable late) {
    return new Place(begin, late);
  }

  /** A stream's place: wanted, had, left. */
  final class Place {
    private final Runnable begin;
    private final Runnable late;
    private boolean had;
    private boolean left;

    private Place(Runnable begin, Runnable late) {
      this.begin = begin;
      this.late = late;
    }

    void take() {
      synchronized (Openings.this) {
        waiting.add(this);
        admit();
      }
    }

    void leave() {
      synchronized (Openings.this) {
        if (left) {
          return;
        }
        left = true;
        if (had) {
          taken--;
        } else {
          waiting.remove(this);
        }
        admit();
      }
    }

    private void begin() {
      had = true;
      begin.run();
      later.execute(this::leaveLate);
    }

    private void leaveLate() {
      synchronized (Openings.this) {
        if (left) {
          return;
        }
      }
      late.run();
    }
  }

  /** {@code begin} and {@code late} must not block. */
  private void admit() {
    while (taken < AT_ONCE && !waiting.isEmpty()) {
      taken++;
      waiting.remove().begin();
    }
  }
}

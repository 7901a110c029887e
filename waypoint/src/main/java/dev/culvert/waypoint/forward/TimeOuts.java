// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * The time-outs of one event loop, which nearly all are cancelled. Those of one length end in the
 * order in which they began, so they stand in line, and one timer of the loop is for all of them.
 * On that loop.
 */
final class TimeOuts {
  private final EventLoop loop;
  private final Map<Duration, Line> lines = new HashMap<>();

  TimeOuts(EventLoop loop) {
    this.loop = loop;
  }

  /**
   * Begins one.
   *
   * @param limit positive
   * @param late runs when it is over, unless it was cancelled
   */
  TimeOut begin(Duration limit, Runnable late) {
    return lines.computeIfAbsent(limit, Line::new).add(late);
  }

  /** Those of one length. */
  private final class Line implements Runnable {
    private final Duration limit;
    private final long nanos;

    /** Before the first and after the last. */
    private final TimeOut ends = new TimeOut(0, () -> {});

    Line(Duration limit) {
      this.limit = limit;
      this.nanos = limit.toNanos();
      schedule(nanos);
    }

    private void schedule(long after) {
      var _ = loop.schedule(this, after, TimeUnit.NANOSECONDS);
    }

    TimeOut add(Runnable late) {
      TimeOut added = new TimeOut(System.nanoTime() + nanos, late);
      added.appendTo(ends);
      return added;
    }

    @Override
    public void run() {
      try {
        endLate();
      } finally {
        if (ends.isAlone()) {
          lines.remove(limit);
        } else {
          schedule(Math.max(1, ends.next().at() - System.nanoTime()));
        }
      }
    }

    /** Whoever is late may cancel others. */
    private void endLate() {
      long now = System.nanoTime();
      TimeOut first = ends.next();
      while (first != ends && first.at() - now <= 0) {
        first.cancel();
        first.late().run();
        first = ends.next();
      }
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import io.netty.channel.EventLoop;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Notices that something did not happen in time. A new expectation costs a store: the task that
 * looks is only moved when the deadline is nearer than the one it waits for. On its event loop.
 */
final class IdleWatch implements Runnable {
  private final EventLoop loop;
  private final Runnable expired;
  private io.netty.util.concurrent.@Nullable Future<?> task;
  private long deadline;
  private long wakes;
  private boolean armed;

  IdleWatch(EventLoop loop, Runnable expired) {
    this.loop = loop;
    this.expired = expired;
  }

  /**
   * Something must happen within this time; replaces what was expected before.
   *
   * @return now, in nanoseconds
   */
  long expect(Duration within) {
    long now = System.nanoTime();
    deadline = now + within.toNanos();
    armed = true;
    if (task != null && wakes - deadline > 0) {
      task.cancel(false);
      task = null;
    }
    if (task == null) {
      schedule(within.toNanos());
    }
    return now;
  }

  /** Nothing is expected any more. */
  void stop() {
    armed = false;
    if (task != null) {
      task.cancel(false);
      task = null;
    }
  }

  @Override
  public void run() {
    task = null;
    long left = deadline - System.nanoTime();
    if (armed && left > 0) {
      schedule(left);
    } else if (armed) {
      armed = false;
      expired.run();
    }
  }

  private void schedule(long nanos) {
    wakes = System.nanoTime() + nanos;
    task = loop.schedule(this, nanos, TimeUnit.NANOSECONDS);
  }
}

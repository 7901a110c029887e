// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.balance;

import java.util.concurrent.atomic.AtomicInteger;

/** How an endpoint answered of late, and whether it is set aside for it. Any thread. */
final class Answers {
  private final AtomicInteger serverErrors = new AtomicInteger();
  private final AtomicInteger gatewayErrors = new AtomicInteger();
  private volatile boolean aside;
  private volatile long until;
  private int times;

  boolean isAside(long now) {
    return aside && until - now > 0;
  }

  /** The errors in a row with this one. */
  int serverError() {
    return serverErrors.incrementAndGet();
  }

  /** The same of gateway errors alone. */
  int gatewayError() {
    return gatewayErrors.incrementAndGet();
  }

  void gatewayErrorsEnd() {
    reset(gatewayErrors);
  }

  void errorsEnd() {
    reset(serverErrors);
    reset(gatewayErrors);
  }

  /** Requests of many threads write it only where there is something to write. */
  private static void reset(AtomicInteger count) {
    if (count.get() != 0) {
      count.set(0);
    }
  }

  /**
   * Sets it aside, for longer each time.
   *
   * @param interval each one since the last time makes the next as much shorter as one time more
   *     makes it longer
   * @return for how many nanoseconds
   */
  synchronized long setAside(long now, long base, long most, long interval) {
    long peaceful = times == 0 ? 0 : Math.max(0, now - until) / interval;
    times = (int) Math.max(0, times - peaceful) + 1;
    long span = Math.min(most, base * times);
    until = now + span;
    aside = true;
    errorsEnd();
    return span;
  }
}

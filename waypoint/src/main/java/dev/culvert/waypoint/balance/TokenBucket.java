// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.balance;

import dev.culvert.policy.traffic.RateLimit;
import dev.culvert.waypoint.plan.Admission;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;

/**
 * So many requests in a span, and so many at once, by one number: the time at which the bucket is
 * full again (the generic cell rate algorithm, ITU-T I.371).
 */
final class TokenBucket implements Admission {
  /** Times are compared by their difference, which is to stay within a long: 73 years. */
  private static final long MOST_AHEAD = Long.MAX_VALUE / 4;

  private final long each;
  private final long ahead;
  private final LongSupplier clock;
  private final AtomicLong full;

  TokenBucket(RateLimit limit, LongSupplier clock) {
    this.each = Math.max(1, limit.per().toNanos() / limit.requests());
    this.ahead = Math.min(MOST_AHEAD / each, limit.burst() - 1) * each;
    this.clock = clock;
    this.full = new AtomicLong(clock.getAsLong());
  }

  @Override
  public long take() {
    long now = clock.getAsLong();
    while (true) {
      long before = full.get();
      long from = before - now > 0 ? before : now;
      if (from - now > ahead) {
        return from - now - ahead;
      }
      if (full.compareAndSet(before, from + each)) {
        return 0;
      }
    }
  }
}

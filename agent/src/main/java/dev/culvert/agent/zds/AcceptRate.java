// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.zds;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;

/** At most five connections in any second: a ztunnel that dies at once must not busy the agent. */
final class AcceptRate {
  private static final int PER_SECOND = 5;

  private final Deque<Long> accepted = new ArrayDeque<>();

  /** How long to wait before the next connection is taken, in nanoseconds; 0 when it may be now. */
  long waitNanos(long now) {
    if (accepted.size() < PER_SECOND) {
      return 0;
    }
    return Math.max(0, accepted.getFirst() + TimeUnit.SECONDS.toNanos(1) - now);
  }

  void accepted(long now) {
    accepted.addLast(now);
    if (accepted.size() > PER_SECOND) {
      accepted.removeFirst();
    }
  }
}

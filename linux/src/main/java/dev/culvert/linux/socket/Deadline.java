// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.socket;

import java.time.Duration;

/** A point in monotonic time until which a call may wait. */
record Deadline(long nanos) {
  static Deadline after(Duration span) {
    return new Deadline(System.nanoTime() + span.toNanos());
  }

  /** What is left in whole milliseconds, rounded up so that poll(2) does not spin; 0 when over. */
  int remainingMillis() {
    long left = nanos - System.nanoTime();
    return left <= 0 ? 0 : (int) Math.min(Integer.MAX_VALUE, (left + 999_999) / 1_000_000);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import java.util.concurrent.atomic.AtomicLong;

/** Whether a counter that has moved once stayed the same for many looks in a row. */
final class Standstill {
  private static final int LOOKS = 75;

  private final AtomicLong counter;
  private long last;
  private int same;

  Standstill(AtomicLong counter) {
    this.counter = counter;
  }

  boolean reached() {
    long now = counter.get();
    same = now > 0 && now == last ? same + 1 : 0;
    last = now;
    return same >= LOOKS;
  }
}

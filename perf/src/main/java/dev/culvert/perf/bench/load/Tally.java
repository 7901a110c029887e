// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.load;

import java.util.Arrays;
import java.util.Locale;

/** What came of the requests. On the event loop. */
final class Tally {
  private static final int MICRO = 1000;

  private long failed;
  private long[] nanos = new long[1 << 16];
  private int answered;
  private long before;

  /**
   * One was answered.
   *
   * @param good whether with 200
   * @param took nanoseconds since it was to be sent
   */
  void answer(boolean good, long took) {
    if (!good) {
      failed++;
      return;
    }
    if (answered == nanos.length) {
      nanos = Arrays.copyOf(nanos, answered * 2);
    }
    nanos[answered++] = took;
  }

  /** The figures begin here. */
  void clear() {
    before += answered;
    answered = 0;
    failed = 0;
  }

  /** So many got no answer. */
  void lost(int count) {
    failed += count;
  }

  /** One line for a program. */
  String line(long micros) {
    Arrays.sort(nanos, 0, answered);
    return String.format(
        Locale.ROOT,
        "load requests=%d all=%d errors=%d micros=%d p50=%d p99=%d",
        answered,
        before + answered,
        failed,
        micros,
        percentile(0.5),
        percentile(0.99));
  }

  /** Microseconds that this share did not exceed. */
  private long percentile(double share) {
    int index = (int) Math.ceil(share * answered) - 1;
    return answered == 0 ? 0 : nanos[Math.max(0, index)] / MICRO;
  }
}

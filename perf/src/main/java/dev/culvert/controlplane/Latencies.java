// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import java.util.Arrays;

/** Times in nanoseconds, and what is told of them. */
final class Latencies {
  private long[] nanos = new long[1024];
  private int count;

  void add(long time) {
    if (count == nanos.length) {
      nanos = Arrays.copyOf(nanos, 2 * count);
    }
    nanos[count++] = time;
  }

  /** In milliseconds: the middle, the 99th of a hundred, the longest. */
  @Override
  public String toString() {
    long[] sorted = Arrays.copyOf(nanos, count);
    Arrays.sort(sorted);
    return "%.2f / %.2f / %.2f"
        .formatted(
            sorted[count / 2] / 1e6, sorted[(int) (count * 0.99)] / 1e6, sorted[count - 1] / 1e6);
  }
}

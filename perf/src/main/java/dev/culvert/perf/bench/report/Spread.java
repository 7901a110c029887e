// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.report;

import java.util.Arrays;
import java.util.Collection;

/** The middle of several figures, and how far they are apart. */
public record Spread(double median, double least, double most, int count) {

  /**
   * Of at least one figure.
   *
   * @throws IllegalArgumentException when there is none
   */
  public static Spread of(Collection<Double> figures) {
    if (figures.isEmpty()) {
      throw new IllegalArgumentException("a median needs a figure");
    }
    double[] sorted = figures.stream().mapToDouble(Double::doubleValue).sorted().toArray();
    int half = sorted.length / 2;
    double median = sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
    return new Spread(median, sorted[0], Arrays.stream(sorted).max().orElseThrow(), sorted.length);
  }
}

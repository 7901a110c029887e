// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.measure;

/** Takes what a run found. */
@FunctionalInterface
public interface Figures {
  /** One figure, in the metric's unit. */
  void add(Metric metric, double value);
}

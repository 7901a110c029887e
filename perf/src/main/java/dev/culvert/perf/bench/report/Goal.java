// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.report;

import dev.culvert.perf.bench.lane.DirectLane;
import dev.culvert.perf.bench.measure.Metric;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What Culvert is to reach.
 *
 * @param lane which of its lanes
 * @param against the lane that the bound is a ratio to; empty when it is a figure itself
 * @param bound at least, or at most, whichever is better for the metric
 */
public record Goal(String lane, Metric metric, Optional<String> against, double bound) {
  private static final String CROSS = "culvert";
  private static final String SAME = "culvert-same-node";
  private static final String KERNEL = "culvert-kernel";
  private static final String POLICIES = "culvert-policies";
  private static final double NANO_MARGIN = 1e-9;

  /** In the place of a lane: of those that are not ours the one with the best figure. */
  private static final String BEST = "the best peer";

  /** What a request with a policy may cost, in hundredths of one without. */
  private static final double MOST_FOR_A_POLICY = 105;

  /** The goals that the project set itself, from measurements of the best node proxy known. */
  public static final List<Goal> TUNNELS =
      List.of(
          ratio(CROSS, Metric.BULK_1, 0.45),
          ratio(CROSS, Metric.BULK_8, 0.38),
          ratio(CROSS, Metric.BULK_64, 0.38),
          ratio(CROSS, Metric.RTT_64B_P50, 1.95),
          ratio(CROSS, Metric.RTT_64B_P99, 2.0),
          ratio(CROSS, Metric.CONNECTIONS, 0.40),
          figure(CROSS, Metric.CPU_PER_CONNECTION, 0.160),
          ratio(CROSS, Metric.REQUESTS, 0.30),
          figure(CROSS, Metric.CPU_PER_GB_1, 0.75),
          new Goal(SAME, Metric.BULK_1, Optional.of(CROSS), 1.5),
          ratio(KERNEL, Metric.BULK_1, 0.97),
          ratio(KERNEL, Metric.RTT_64B_P50, 1.05),
          ratio(KERNEL, Metric.CONNECTIONS, 0.9),
          figure(CROSS, Metric.RSS_IDLE, 120),
          figure(CROSS, Metric.RSS_PER_CONNECTION, 25),
          figure(CROSS, Metric.START_UP, 1000));

  /** Of front doors: nobody of the others better at anything, and policies nearly for nothing. */
  public static final List<Goal> DOORS =
      Arrays.stream(Metric.values()).map(Goal::ofDoor).flatMap(Optional::stream).toList();

  private static Optional<Goal> ofDoor(Metric metric) {
    return switch (metric.group()) {
      case DOOR, CPU_DOOR, DOOR_LATENCY ->
          Optional.of(new Goal(CROSS, metric, Optional.of(BEST), 1));
      case COST -> Optional.of(figure(POLICIES, metric, MOST_FOR_A_POLICY));
      default -> Optional.empty();
    };
  }

  private static Goal ratio(String lane, Metric metric, double bound) {
    return new Goal(lane, metric, Optional.of(DirectLane.NAME), bound);
  }

  private static Goal figure(String lane, Metric metric, double bound) {
    return new Goal(lane, metric, Optional.empty(), bound);
  }

  /** What the run has for it: a ratio or a figure. */
  public Optional<Double> value(Results results) {
    if (against.isEmpty()) {
      return results.spread(lane, metric).map(Spread::median);
    }
    return against.get().equals(BEST)
        ? againstBest(results)
        : results.ratio(lane, against.get(), metric);
  }

  private Optional<Double> againstBest(Results results) {
    Stream<Double> ratios =
        results.lanes().stream()
            .filter(other -> !other.startsWith(CROSS))
            .map(other -> results.ratio(lane, other, metric))
            .flatMap(Optional::stream);
    return metric.group().moreIsBetter()
        ? ratios.min(Comparator.naturalOrder())
        : ratios.max(Comparator.naturalOrder());
  }

  /** Whether such a value is good enough. */
  public boolean reached(double value) {
    return metric.group().moreIsBetter()
        ? value >= bound - NANO_MARGIN
        : value <= bound + NANO_MARGIN;
  }
}

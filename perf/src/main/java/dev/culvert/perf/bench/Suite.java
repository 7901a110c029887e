// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench;

import dev.culvert.perf.bench.lane.Lane;
import dev.culvert.perf.bench.lane.OpenLane;
import dev.culvert.perf.bench.measure.Measurement;
import dev.culvert.perf.bench.measure.Metric;
import dev.culvert.perf.bench.report.Results;
import dev.culvert.perf.bench.site.Background;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Takes every lane through every measurement, round by round. */
final class Suite {
  private static final double QUIET = 0.02;

  private final Plan plan;
  private final List<Lane> lanes;
  private final Progress progress;
  private final Results results = new Results();
  private final Set<String> notes = new LinkedHashSet<>();
  private int runs;
  private int busyRuns;
  private double busiest;

  Suite(Plan plan, List<Lane> lanes) {
    this.plan = plan;
    this.lanes = lanes;
    this.progress =
        new Progress(System.err, plan.rounds() * lanes.size() * plan.measurements().size());
  }

  /** Hears of a round that is over. */
  interface RoundOver {
    void tell(int rounds) throws IOException;
  }

  Results results() {
    return results;
  }

  /** Every round begins with another lane, so that none always comes after the same. */
  void run(RoundOver over) throws IOException {
    for (int round = 1; round <= plan.rounds(); round++) {
      List<Lane> order = new ArrayList<>(lanes);
      Collections.rotate(order, 1 - round);
      for (Lane lane : order) {
        measure(round, lane);
      }
      over.tell(round);
    }
  }

  /** What a reader of the figures must know. */
  List<String> notes() {
    List<String> all = new ArrayList<>(notes);
    if (busyRuns > 0) {
      all.add(
          "The machine was not quiet: before %d of %d runs more than %.0f %% of it was in use by others, %.0f %% at most."
              .formatted(busyRuns, runs, QUIET * 100, busiest * 100));
    }
    return all;
  }

  private void measure(int round, Lane lane) {
    int made = 0;
    try (OpenLane open = lane.open()) {
      for (Measurement measurement : plan.measurements()) {
        made++;
        if (!measurement.appliesTo(open)) {
          progress.skip(1);
          continue;
        }
        progress.begin(round, lane.name(), measurement.title());
        run(round, lane, open, measurement);
      }
    } catch (IOException | RuntimeException e) {
      notes.add("%s: %s".formatted(lane.title(), e.getMessage()));
      System.err.printf("%s: %s%n", lane.name(), e.getMessage());
      progress.skip(plan.measurements().size() - made);
    }
  }

  private void run(int round, Lane lane, OpenLane open, Measurement measurement)
      throws IOException {
    quiet();
    Map<Metric, Double> found = new EnumMap<>(Metric.class);
    try {
      measurement.run(open, found::put);
    } catch (IOException | RuntimeException e) {
      progress.end("failed: " + e.getMessage());
      notes.add("%s, %s: %s".formatted(lane.title(), measurement.title(), e.getMessage()));
      return;
    }
    found.forEach((metric, value) -> results.add(lane.name(), round, metric, value));
    found.entrySet().stream()
        .findFirst()
        .ifPresentOrElse(
            first -> progress.end(first.getKey(), first.getValue()), () -> progress.end(""));
  }

  private void quiet() throws IOException {
    double share = Background.awaitBelow(QUIET, plan.patience());
    runs++;
    if (share >= QUIET) {
      busyRuns++;
      busiest = Math.max(busiest, share);
    }
  }
}

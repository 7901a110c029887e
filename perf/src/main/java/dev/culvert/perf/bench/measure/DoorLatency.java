// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.measure;

import dev.culvert.perf.bench.lane.OpenLane;
import dev.culvert.perf.bench.lane.Wire;
import java.io.IOException;

/** How long a request takes at a rate that leaves every front door at rest for most of the time. */
public record DoorLatency(Wire wire, int seconds) implements Measurement {
  /** 100 a second on each of 64 connections. */
  private static final int PER_SECOND = 6400;

  @Override
  public String title() {
    return "%d/s, %s".formatted(PER_SECOND, wire.title());
  }

  @Override
  public boolean appliesTo(OpenLane lane) {
    return lane.door(wire).isPresent();
  }

  @Override
  public void run(OpenLane lane, Figures figures) throws IOException {
    RequestReport report = new HttpLoad(wire, seconds, PER_SECOND).run(lane);
    figures.add(Metric.valueOf("DOOR_%s_P50".formatted(wire)), report.p50());
    figures.add(Metric.valueOf("DOOR_%s_P99".formatted(wire)), report.p99());
  }
}

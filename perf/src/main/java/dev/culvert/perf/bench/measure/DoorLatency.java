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
    return "%d requests a second, %s".formatted(PER_SECOND, wire.title());
  }

  @Override
  public boolean appliesTo(OpenLane lane) {
    return lane.door(wire).isPresent();
  }

  @Override
  public void run(OpenLane lane, Figures figures) throws IOException {
    H2loadReport report = new H2load(wire, seconds, PER_SECOND).load(lane);
    boolean plain = wire == Wire.H1;
    figures.add(plain ? Metric.DOOR_H1_P50 : Metric.DOOR_H2_TLS_P50, report.percentile(0.5));
    figures.add(plain ? Metric.DOOR_H1_P99 : Metric.DOOR_H2_TLS_P99, report.percentile(0.99));
  }
}

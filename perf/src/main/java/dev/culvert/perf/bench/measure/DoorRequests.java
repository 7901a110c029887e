// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.measure;

import dev.culvert.perf.bench.lane.OpenLane;
import dev.culvert.perf.bench.lane.Wire;
import java.io.IOException;

/** As many requests as a front door answers, 64 at once. */
public record DoorRequests(Wire wire, int seconds) implements Measurement {
  @Override
  public String title() {
    return "requests, " + wire.title();
  }

  @Override
  public boolean appliesTo(OpenLane lane) {
    return lane.door(wire).isPresent();
  }

  @Override
  public void run(OpenLane lane, Figures figures) throws IOException {
    CpuMeter cpu = CpuMeter.start(lane);
    H2loadReport report = new H2load(wire, seconds, 0).load(lane);
    figures.add(rate(), report.perSecond());
    cpu.per(report.requests() / 1e3, cost(), figures);
  }

  private Metric rate() {
    return switch (wire) {
      case H1 -> Metric.DOOR_H1;
      case H2C -> Metric.DOOR_H2C;
      case H1_TLS -> Metric.DOOR_H1_TLS;
      case H2_TLS -> Metric.DOOR_H2_TLS;
    };
  }

  private Metric cost() {
    return switch (wire) {
      case H1 -> Metric.CPU_PER_H1;
      case H2C -> Metric.CPU_PER_H2C;
      case H1_TLS -> Metric.CPU_PER_H1_TLS;
      case H2_TLS -> Metric.CPU_PER_H2_TLS;
    };
  }
}

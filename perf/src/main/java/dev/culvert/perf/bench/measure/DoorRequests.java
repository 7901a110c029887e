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
    RequestReport report = new HttpLoad(wire, seconds, 0).run(lane);
    figures.add(Metric.valueOf("DOOR_" + wire), report.perSecond());
    cpu.per(report.all() / 1e3, Metric.valueOf("CPU_PER_" + wire), figures);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.measure;

import dev.culvert.perf.bench.lane.OpenLane;
import java.io.IOException;

/** A connection for each request, 64 at once. */
public record NewConnections(int seconds) implements Measurement {
  @Override
  public String title() {
    return "new connections";
  }

  @Override
  public void run(OpenLane lane, Figures figures) throws IOException {
    CpuMeter cpu = CpuMeter.start(lane);
    WrkReport report = new Wrk(64, seconds, false).load(lane);
    figures.add(Metric.CONNECTIONS, report.perSecond());
    cpu.per(report.requests() / 1e3, Metric.CPU_PER_CONNECTION, figures);
  }
}

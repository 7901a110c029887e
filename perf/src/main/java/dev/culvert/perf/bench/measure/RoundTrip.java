// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.measure;

import dev.culvert.cli.lab.LabProcess;
import dev.culvert.perf.bench.lane.OpenLane;
import dev.culvert.perf.bench.site.Backend;
import dev.culvert.perf.bench.site.Endpoint;
import dev.culvert.perf.bench.site.Service;
import java.io.IOException;
import java.util.List;

/**
 * sockperf's ping-pong on one connection.
 *
 * @param bytes a message: 64 or 1024
 */
public record RoundTrip(int bytes, int seconds) implements Measurement {
  private static final int SMALL = 64;

  @Override
  public String title() {
    return "round trip, %d B".formatted(bytes);
  }

  @Override
  public void run(OpenLane lane, Figures figures) throws IOException {
    LabProcess server = new Backend(lane.server()).ping();
    try {
      CpuMeter cpu = CpuMeter.start(lane);
      SockperfReport report = load(lane);
      boolean small = bytes == SMALL;
      figures.add(small ? Metric.RTT_64B_P50 : Metric.RTT_1K_P50, report.p50());
      figures.add(small ? Metric.RTT_64B_P99 : Metric.RTT_1K_P99, report.p99());
      figures.add(small ? Metric.RTT_64B_P999 : Metric.RTT_1K_P999, report.p999());
      if (small) {
        cpu.per(report.messages() / 1e3, Metric.CPU_PER_ROUND_TRIP, figures);
      }
    } finally {
      server.kill();
    }
  }

  private SockperfReport load(OpenLane lane) throws IOException {
    Endpoint to = lane.to(Service.PING);
    return SockperfReport.parse(
        lane.client()
            .answer(
                List.of(
                    "sockperf",
                    "pp",
                    "--tcp",
                    "--full-rtt",
                    "-i",
                    to.address(),
                    "-p",
                    Integer.toString(to.port()),
                    "-m",
                    Integer.toString(bytes),
                    "-t",
                    Integer.toString(seconds))));
  }
}

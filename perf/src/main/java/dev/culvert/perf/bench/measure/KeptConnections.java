// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.measure;

import dev.culvert.perf.bench.lane.OpenLane;
import java.io.IOException;

/**
 * Requests on 64 connections that stay open: their rate, and the round trip that each sees.
 *
 * @param bytes the response's body: 64 or 1024
 */
public record KeptConnections(int bytes, int seconds) implements Measurement {
  private static final int SMALL = 64;

  @Override
  public String title() {
    return "64 connections, %d B".formatted(bytes);
  }

  @Override
  public void run(OpenLane lane, Figures figures) throws IOException {
    CpuMeter cpu = CpuMeter.start(lane);
    WrkReport report = new Wrk(bytes, seconds, true).load(lane);
    boolean small = bytes == SMALL;
    figures.add(small ? Metric.REQUESTS : Metric.REQUESTS_1K, report.perSecond());
    figures.add(small ? Metric.RTT64_64B_P50 : Metric.RTT64_1K_P50, report.p50());
    figures.add(small ? Metric.RTT64_64B_P99 : Metric.RTT64_1K_P99, report.p99());
    figures.add(small ? Metric.RTT64_64B_P999 : Metric.RTT64_1K_P999, report.p999());
    if (small) {
      cpu.per(report.requests() / 1e3, Metric.CPU_PER_REQUEST, figures);
    }
  }
}

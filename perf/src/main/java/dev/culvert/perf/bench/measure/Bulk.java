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
 * iperf3 from client to server.
 *
 * @param streams 1, 8 or 64
 * @param omitted seconds more, at the beginning, that are left out of the throughput
 */
public record Bulk(int streams, int seconds, int omitted) implements Measurement {
  @Override
  public String title() {
    return streams == 1 ? "bulk, 1 stream" : "bulk, %d streams".formatted(streams);
  }

  @Override
  public void run(OpenLane lane, Figures figures) throws IOException {
    LabProcess server = new Backend(lane.server()).bulk();
    try {
      CpuMeter cpu = CpuMeter.start(lane);
      Iperf3Report report = load(lane);
      figures.add(throughput(), report.bitsPerSecond() / 1e9);
      cpu.per(report.bytes() / 1e9, cpuPerGb(), figures);
    } finally {
      server.kill();
    }
  }

  private Iperf3Report load(OpenLane lane) throws IOException {
    Endpoint to = lane.to(Service.BULK);
    return Iperf3Report.parse(
        lane.client()
            .run(
                List.of(
                    "iperf3",
                    "-c",
                    to.address(),
                    "-p",
                    Integer.toString(to.port()),
                    "-P",
                    Integer.toString(streams),
                    "-t",
                    Integer.toString(seconds),
                    "-O",
                    Integer.toString(omitted),
                    "-J"))
            .out());
  }

  private Metric throughput() {
    return Metric.valueOf("BULK_" + streams);
  }

  private Metric cpuPerGb() {
    return Metric.valueOf("CPU_PER_GB_" + streams);
  }
}

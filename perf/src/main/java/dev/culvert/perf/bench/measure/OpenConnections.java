// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.measure;

import dev.culvert.cli.lab.LabProcess;
import dev.culvert.perf.bench.lane.OpenLane;
import dev.culvert.perf.bench.site.Endpoint;
import dev.culvert.perf.bench.site.JavaProgram;
import dev.culvert.perf.bench.site.Proxies;
import dev.culvert.perf.bench.site.Service;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/**
 * What the proxies hold with so many connections open that answered once and are idle now. Fewer
 * where the limit of open files is lower: a proxy needs two for a connection.
 *
 * @param count 1000 or 10000
 * @param each whether to tell the growth for each connection; the larger the count, the better
 */
public record OpenConnections(int count, boolean each) implements Measurement {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final double MIB = 1 << 20;
  private static final int MANY = 10_000;
  private static final int SPARE_FILES = 500;

  @Override
  public String title() {
    return "%,d open connections".formatted(count);
  }

  @Override
  public boolean appliesTo(OpenLane lane) {
    return lane.proxies().isPresent();
  }

  @Override
  public void run(OpenLane lane, Figures figures) throws IOException {
    Proxies proxies = lane.proxies().orElseThrow();
    long before = proxies.largestResident();
    int held = Math.min(count, (lane.client().openFiles() - SPARE_FILES) / 2);
    Endpoint to = lane.to(Service.HTTP);
    List<String> arguments =
        List.of(to.address(), Integer.toString(to.port()), Integer.toString(held));
    LabProcess holder =
        lane.client().start("holder", JavaProgram.of(ConnectionHolder.class, arguments));
    try {
      holder.awaitLine(ConnectionHolder.HELD, PATIENCE);
      long after = proxies.largestResident();
      figures.add(count == MANY ? Metric.RSS_10000 : Metric.RSS_1000, after / MIB);
      if (each) {
        figures.add(Metric.RSS_PER_CONNECTION, Math.max(0, after - before) / 1024.0 / held);
      }
    } finally {
      holder.kill();
    }
  }
}

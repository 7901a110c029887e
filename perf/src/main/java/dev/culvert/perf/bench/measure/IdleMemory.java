// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.measure;

import dev.culvert.perf.bench.lane.OpenLane;
import java.io.IOException;

/** What the proxies hold before anything went through them, and how long they took to get there. */
public record IdleMemory() implements Measurement {
  private static final double MIB = 1 << 20;

  @Override
  public String title() {
    return "start and idle memory";
  }

  @Override
  public boolean appliesTo(OpenLane lane) {
    return lane.proxies().isPresent();
  }

  @Override
  public void run(OpenLane lane, Figures figures) throws IOException {
    figures.add(Metric.RSS_IDLE, lane.proxies().orElseThrow().largestResident() / MIB);
    lane.startUp().ifPresent(time -> figures.add(Metric.START_UP, time.toNanos() / 1e6));
  }
}

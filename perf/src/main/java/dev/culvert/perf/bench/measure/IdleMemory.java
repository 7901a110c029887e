// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.measure;

import dev.culvert.perf.bench.lane.OpenLane;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.util.concurrent.TimeUnit;

/**
 * What the proxies hold before anything went through them, and how long they took to get there.
 *
 * @param seconds after which what a start needed has been given back
 */
public record IdleMemory(int seconds) implements Measurement {
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
    rest();
    figures.add(Metric.RSS_IDLE, lane.proxies().orElseThrow().largestResident() / MIB);
    lane.startUp().ifPresent(time -> figures.add(Metric.START_UP, time.toNanos() / 1e6));
  }

  private void rest() throws IOException {
    try {
      TimeUnit.SECONDS.sleep(seconds);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while the proxies rest");
    }
  }
}

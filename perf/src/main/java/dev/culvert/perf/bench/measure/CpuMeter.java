// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.measure;

import dev.culvert.perf.bench.lane.OpenLane;
import dev.culvert.perf.bench.site.Proxies;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/** The processor time that a lane's proxies use from here on. */
final class CpuMeter {
  private final Optional<Proxies> proxies;
  private final Duration begin;

  private CpuMeter(Optional<Proxies> proxies) throws IOException {
    this.proxies = proxies;
    this.begin = used();
  }

  static CpuMeter start(OpenLane lane) throws IOException {
    return new CpuMeter(lane.proxies());
  }

  /** Seconds for each of so many pieces of work; nothing for a lane without proxies. */
  void per(double pieces, Metric metric, Figures figures) throws IOException {
    if (proxies.isPresent() && pieces > 0) {
      figures.add(metric, used().minus(begin).toMillis() / 1e3 / pieces);
    }
  }

  private Duration used() throws IOException {
    return proxies.isPresent() ? proxies.get().cpu() : Duration.ZERO;
  }
}

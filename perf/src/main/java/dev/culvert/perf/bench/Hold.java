// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench;

import dev.culvert.perf.bench.lane.Lane;
import dev.culvert.perf.bench.lane.OpenLane;
import dev.culvert.perf.bench.measure.WarmUp;
import dev.culvert.perf.bench.site.Proxies;
import dev.culvert.perf.bench.site.Service;
import java.io.IOException;
import java.util.List;

/** Keeps one lane open and warm, for a profiler or a load of one's own. */
record Hold(Lane lane, WarmUp warmUp) {
  private static final List<String> SHELL = List.of("sh");

  /** Until the input ends. */
  void run() throws IOException {
    try (OpenLane open = lane.open()) {
      warmUp.run(open, (metric, value) -> {});
      System.out.printf("proxies     %s%n", pids(open));
      System.out.printf("server      %s%n", open.to(Service.HTTP));
      System.out.printf("load from   %s%n", String.join(" ", open.client().inside(SHELL)));
      System.out.println("held until the input ends");
      while (System.in.read() >= 0) {
        // Whatever is typed, only its end counts.
      }
    }
  }

  private static String pids(OpenLane open) {
    return open.proxies().map(Proxies::pids).map(List::toString).orElse("none");
  }
}

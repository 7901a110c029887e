// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.measure;

import dev.culvert.cli.lab.Await;
import dev.culvert.perf.bench.lane.OpenLane;
import dev.culvert.perf.bench.site.Service;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** Finds out whether a lane works, then drives it as it will be, without taking figures. */
public record WarmUp(int seconds) implements Measurement {
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  @Override
  public String title() {
    return "warm-up";
  }

  @Override
  public void run(OpenLane lane, Figures figures) throws IOException {
    Figures none = (metric, value) -> {};
    String url = "http://%s/64".formatted(lane.to(Service.HTTP));
    Await.until(url + " answers", PATIENCE, () -> answers(lane, url));
    new Bulk(1, seconds).run(lane, none);
    new KeptConnections(64, seconds).run(lane, none);
    new NewConnections(seconds).run(lane, none);
  }

  private static boolean answers(OpenLane lane, String url) throws IOException {
    return !lane.client().answer(List.of("curl", "-sf", "-m", "2", url)).isEmpty();
  }
}

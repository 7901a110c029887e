// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.lane;

import dev.culvert.cli.lab.LabClient;
import dev.culvert.cli.lab.LabProcess;
import dev.culvert.cli.lab.LabResources;
import dev.culvert.perf.bench.site.Endpoint;
import dev.culvert.perf.bench.site.JavaProgram;
import dev.culvert.perf.bench.site.Site;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;

/**
 * A pod that joins the mesh while it is already trying to reach a server that takes mesh traffic
 * only.
 */
record LatePod(Site site, Endpoint server) {
  private static final Duration PATIENCE = Duration.ofSeconds(20);

  Duration enrol() throws IOException {
    LabResources resources = site.lab().resources();
    LabProcess client =
        site.late()
            .start(
                "late",
                JavaProgram.of(
                    FirstByte.class, List.of(server.address(), Integer.toString(server.port()))));
    try {
      client.awaitLine(FirstByte.REFUSED, PATIENCE);
      Instant begin = Instant.now();
      resources.write(site.pod("late"));
      String line = client.awaitLine(FirstByte.ANSWERED, PATIENCE);
      return Duration.of(
          LabClient.number(line, "micros") - ChronoUnit.MICROS.between(Instant.EPOCH, begin),
          ChronoUnit.MICROS);
    } finally {
      client.kill();
      resources.delete("pod-late.yaml");
    }
  }
}

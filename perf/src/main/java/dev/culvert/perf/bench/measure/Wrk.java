// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.measure;

import dev.culvert.perf.bench.lane.OpenLane;
import dev.culvert.perf.bench.site.Service;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One thread of wrk with 64 connections. */
record Wrk(int bytes, int seconds, boolean keepAlive) {
  private static final String CONNECTIONS = "64";

  WrkReport load(OpenLane lane) throws IOException {
    Path script = lane.client().lab().layout().directory().resolve("wrk.lua");
    Files.writeString(script, WrkReport.SCRIPT);
    List<String> command =
        new ArrayList<>(
            List.of("wrk", "-t1", "-c" + CONNECTIONS, "-d" + seconds, "-s", script.toString()));
    if (!keepAlive) {
      command.addAll(List.of("-H", "Connection: close"));
    }
    command.add("http://%s/%d".formatted(lane.to(Service.HTTP), bytes));
    WrkReport report = WrkReport.parse(lane.client().answer(command));
    if (report.failed()) {
      throw new IOException(
          "%d requests were answered and %d failed".formatted(report.requests(), report.errors()));
    }
    return report;
  }
}

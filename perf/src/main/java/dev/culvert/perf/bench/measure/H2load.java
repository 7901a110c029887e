// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.measure;

import dev.culvert.perf.bench.lane.OpenLane;
import dev.culvert.perf.bench.lane.Wire;
import dev.culvert.perf.bench.site.Endpoint;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * One thread of h2load with 64 requests under way: on a connection each, or, over HTTP/2, eight on
 * each of eight.
 *
 * @param perSecond requests a second that it keeps to; 0 for as many as are answered
 */
record H2load(Wire wire, int seconds, int perSecond) {
  private static final int AT_ONCE = 64;
  private static final int STREAMS = 8;

  H2loadReport load(OpenLane lane) throws IOException {
    Path log = lane.client().lab().layout().directory().resolve("h2load.log");
    Files.deleteIfExists(log);
    Endpoint door = lane.door(wire).orElseThrow();
    List<String> command = new ArrayList<>(List.of("h2load", "-t1", "-D" + seconds));
    command.addAll(connections());
    if (perSecond > 0) {
      command.addAll(List.of("--rps=" + perSecond / clients(), "--log-file=" + log));
    }
    command.add(wire.url(door, "/64"));
    String text = lane.client().answer(command);
    H2loadReport report =
        H2loadReport.parse(text, perSecond > 0 ? Files.readAllLines(log) : List.of());
    if (report.failed()) {
      throw new IOException(
          "%d requests were answered and %d failed".formatted(report.requests(), report.errors()));
    }
    return report;
  }

  private int clients() {
    return wire.isMultiplexed() ? AT_ONCE / STREAMS : AT_ONCE;
  }

  private List<String> connections() {
    return wire.isMultiplexed()
        ? List.of("-c" + clients(), "-m" + STREAMS)
        : List.of("-c" + clients(), "--h1");
  }
}

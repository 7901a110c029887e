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
 * One thread of h2load.
 *
 * @param streams requests at once on each connection
 * @param perSecond requests a second that it keeps to; 0 for as many as are answered
 * @param headers further fields of each request, as {@code name: value}
 */
record H2load(
    Wire wire, int connections, int streams, int seconds, int perSecond, List<String> headers) {
  H2load(Wire wire, int connections, int streams, int seconds, int perSecond) {
    this(wire, connections, streams, seconds, perSecond, List.of());
  }

  RequestReport load(OpenLane lane, Endpoint door) throws IOException {
    Path log = lane.client().lab().layout().directory().resolve("h2load.log");
    Files.deleteIfExists(log);
    List<String> command = new ArrayList<>(List.of("h2load", "-t1", "-D" + seconds));
    command.addAll(List.of("-c" + connections, "-m" + streams));
    if (!wire.isMultiplexed()) {
      command.add("--h1");
    }
    if (perSecond > 0) {
      command.addAll(List.of("--rps=" + perSecond / connections, "--log-file=" + log));
    }
    headers.forEach(header -> command.addAll(List.of("-H", header)));
    command.add(wire.url(door, "/64"));
    String text = lane.client().answer(command);
    return RequestReport.ofH2load(text, perSecond > 0 ? Files.readAllLines(log) : List.of());
  }
}

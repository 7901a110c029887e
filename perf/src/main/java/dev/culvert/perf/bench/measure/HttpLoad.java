// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.measure;

import dev.culvert.perf.bench.lane.OpenLane;
import dev.culvert.perf.bench.lane.Wire;
import dev.culvert.perf.bench.load.LoadOrder;
import dev.culvert.perf.bench.load.MutualLoad;
import dev.culvert.perf.bench.site.Endpoint;
import dev.culvert.perf.bench.site.JavaProgram;
import java.io.IOException;

/**
 * 64 requests under way at a front door: on a connection each, or, over HTTP/2, eight on each of
 * eight. By h2load, or where clients need a certificate, by our own program.
 *
 * @param perSecond requests a second that it keeps to; 0 for as many as are answered
 */
record HttpLoad(Wire wire, int seconds, int perSecond) {
  private static final int AT_ONCE = 64;
  private static final int STREAMS = 8;

  RequestReport run(OpenLane lane) throws IOException {
    Endpoint door = lane.door(wire).orElseThrow();
    RequestReport report =
        wire.isMutual()
            ? mutual(lane, door)
            : new H2load(wire, connections(), streams(), seconds, perSecond).load(lane, door);
    if (report.failed()) {
      throw new IOException(
          "%d requests were answered and %d failed".formatted(report.requests(), report.errors()));
    }
    return report;
  }

  private RequestReport mutual(OpenLane lane, Endpoint door) throws IOException {
    LoadOrder order =
        new LoadOrder(
            door.address(),
            door.port(),
            wire.isMultiplexed(),
            connections(),
            streams(),
            seconds,
            perSecond,
            lane.certificates().orElseThrow().toString());
    return RequestReport.ofMutualLoad(
        lane.client().answer(JavaProgram.busy(MutualLoad.class, order.words())));
  }

  private int connections() {
    return AT_ONCE / streams();
  }

  private int streams() {
    return wire.isMultiplexed() ? STREAMS : 1;
  }
}

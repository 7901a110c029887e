// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.waypoint.accept.AcceptSettings;
import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.TestWaypoint;
import dev.culvert.waypoint.peers.Transports;
import dev.culvert.waypoint.plan.Protocol;
import dev.culvert.waypoint.plan.Retries;
import dev.culvert.waypoint.plan.Timeouts;
import dev.culvert.ztunnel.transport.Transport;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.Parameter;

/** A client, a waypoint and a backend that speak HTTP/1, over each transport. */
abstract class Http1Case {
  static final String GET = "GET /a?b=c HTTP/1.1\r\nHost: shop\r\n\r\n";

  static final String OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

  @Parameter Transport transport;

  Backend backend;

  TestWaypoint waypoint;

  static List<Transport> transports() {
    return Transports.all();
  }

  @AfterEach
  void stop() throws Exception {
    waypoint.close();
    if (backend != null) {
      backend.close();
    }
  }

  final void start(Backend.Script script) throws IOException {
    start(Backend.of(script));
  }

  final void start(Backend started) throws IOException {
    backend = started;
    waypoint = TestWaypoint.of(transport, TestWaypoint.plan(backend.address()));
  }

  /** One that does not wait for as long for whom it has not heard yet. */
  final void startWithASecondForHeads(Backend.Script script) throws IOException {
    AcceptSettings standard = AcceptSettings.STANDARD;
    AcceptSettings quick =
        new AcceptSettings(
            standard.maxHeadBytes(),
            standard.maxHeaders(),
            Duration.ofSeconds(1),
            standard.keepAlive(),
            standard.streamIdle(),
            standard.maxStreams(),
            standard.streamWindow());
    backend = Backend.of(script);
    waypoint = TestWaypoint.of(transport, quick, TestWaypoint.plan(backend.address()));
  }

  final void start(Timeouts timeouts, Retries retries, Backend.Script script) throws IOException {
    backend = Backend.of(script);
    waypoint =
        TestWaypoint.of(
            transport, TestWaypoint.plan(timeouts, retries, Protocol.HTTP1, backend.address()));
  }
}

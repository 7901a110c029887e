// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.Http2Peer;
import dev.culvert.waypoint.peers.TestWaypoint;
import dev.culvert.waypoint.peers.Transports;
import dev.culvert.waypoint.plan.Protocol;
import dev.culvert.waypoint.plan.Retries;
import dev.culvert.waypoint.plan.Timeouts;
import dev.culvert.ztunnel.transport.Transport;
import java.net.InetSocketAddress;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.Parameter;

/** A client of HTTP/2, a waypoint, and a backend of either version. */
abstract class Http2ForwardingCase {
  @Parameter Transport transport;

  Backend http1;
  Http2Peer http2;
  Http2Peer client;
  TestWaypoint waypoint;

  static List<Transport> transports() {
    return Transports.all();
  }

  @AfterEach
  final void stop() throws Exception {
    if (client != null) {
      client.close();
    }
    waypoint.close();
    if (http1 != null) {
      http1.close();
    }
    if (http2 != null) {
      http2.close();
    }
  }

  final void start(Protocol protocol, InetSocketAddress backend) throws Exception {
    waypoint =
        TestWaypoint.of(
            transport, TestWaypoint.plan(Timeouts.NONE, Retries.STANDARD, protocol, backend));
    client = Http2Peer.client(waypoint.listener().address());
  }

  final void toHttp1(Backend backend) throws Exception {
    http1 = backend;
    start(Protocol.HTTP1, backend.address());
  }

  final void toHttp2() throws Exception {
    http2 = Http2Peer.server();
    start(Protocol.HTTP2, http2.address());
  }
}

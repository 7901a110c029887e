// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import static dev.culvert.waypoint.peers.Http2Peer.request;
import static dev.culvert.waypoint.peers.Http2Peer.response;
import static dev.culvert.waypoint.peers.Http2Peer.trailers;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.peers.Http2Peer;
import io.netty.handler.codec.http2.Http2Headers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** gRPC is what depends on the most of HTTP/2. */
@ParameterizedClass
@MethodSource("transports")
@Timeout(60)
final class GrpcForwardingTest extends Http2ForwardingCase {
  @Test
  void unaryCallReturnsItsStatus() throws Exception {
    toHttp2();
    Http2Peer.Stream call =
        client.open(
            request("POST", "/s/M", "content-type", "application/grpc", "te", "trailers"), false);
    call.send("ping", true);
    Http2Peer.Stream served = http2.request();
    Http2Headers head = served.headers();
    assertThat(head.get("te")).hasToString("trailers");
    assertThat(served.body(4)).isEqualTo("ping");
    served.send(response(200, "content-type", "application/grpc"), false).send("pong", false);
    served.send(trailers("grpc-status", "0"), true);
    assertThat(call.headers().status()).hasToString("200");
    assertThat(call.headers().get("grpc-status")).hasToString("0");
    assertThat(call.body(4)).isEqualTo("pong");
  }

  @Test
  void callThatFailsAtOnceHasOnlyTrailers() throws Exception {
    toHttp2();
    Http2Peer.Stream call =
        client.open(request("POST", "/s/M", "content-type", "application/grpc"), true);
    http2.request().send(response(200, "grpc-status", "12"), true);
    assertThat(call.headers().get("grpc-status")).hasToString("12");
    assertThat(call.isWhole()).as("the head is all there is").isTrue();
  }

  @Test
  void bothSidesOfACallStream() throws Exception {
    toHttp2();
    Http2Peer.Stream call =
        client.open(request("POST", "/s/M", "content-type", "application/grpc"), false);
    Http2Peer.Stream served = http2.request();
    served.headers();
    served.send(response(200), false);
    call.headers();
    for (int i = 0; i < 20; i++) {
      call.send("ping", false);
      assertThat(served.body(4)).isEqualTo("ping");
      served.send("pong", false);
      assertThat(call.body(4)).isEqualTo("pong");
    }
    call.send("", true);
    served.send(trailers("grpc-status", "0"), true);
    assertThat(call.headers().get("grpc-status")).hasToString("0");
  }

  @Test
  void drainLetsACallGoOnUntilItsEnd() throws Exception {
    toHttp2();
    Http2Peer.Stream call =
        client.open(request("POST", "/s.S/Talk", "content-type", "application/grpc"), false);
    Http2Peer.Stream served = http2.request();
    served.headers();
    served.send(response(200, "content-type", "application/grpc"), false);
    call.headers();
    waypoint.listener().drain();
    for (int i = 0; i < 3; i++) {
      call.send("ping", false);
      assertThat(served.body(4)).isEqualTo("ping");
      served.send("pong", false);
      assertThat(call.body(4)).isEqualTo("pong");
    }
    call.send("", true);
    served.send(trailers("grpc-status", "0"), true);
    assertThat(call.headers().get("grpc-status")).hasToString("0");
    Await.until("the connection ends", () -> !client.isOpen());
  }
}

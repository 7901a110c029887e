// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import static dev.culvert.waypoint.peers.Http2Peer.get;
import static dev.culvert.waypoint.peers.Http2Peer.names;
import static dev.culvert.waypoint.peers.Http2Peer.request;
import static dev.culvert.waypoint.peers.Http2Peer.response;
import static dev.culvert.waypoint.peers.Http2Peer.trailers;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.exchange.LocalAnswer;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.http.ResponseFlag;
import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.Http2Peer;
import dev.culvert.waypoint.peers.TestWaypoint;
import dev.culvert.waypoint.peers.Wire;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http2.Http2Headers;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** HTTP/2 on either side and on both. */
@ParameterizedClass
@MethodSource("transports")
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // CR LF, and no other end of a line
final class Http2ForwardingTest extends Http2ForwardingCase {
  @Test
  void idleConnectionIsClosedWhoseTunnelEnds() throws Exception {
    toHttp2();
    Http2Peer.Stream first = client.open(request("GET", "/1"), true);
    http2.request().send(response(200), true);
    assertThat(first.headers().status()).hasToString("200");
    assertThat(waypoint.backendConnections()).isEqualTo(1);
    waypoint.backendsLeave();
    Await.until("it is closed", () -> waypoint.backendConnections() == 0);
  }

  @Test
  void requestIsFinishedWhoseTunnelEnds() throws Exception {
    toHttp2();
    Http2Peer.Stream first = client.open(request("GET", "/1"), true);
    Http2Peer.Stream served = http2.request();
    waypoint.backendsLeave();
    served.send(response(200), true);
    assertThat(first.headers().status()).hasToString("200");
    Await.until("it is not kept", () -> waypoint.backendConnections() == 0);
  }

  @Test
  void requestOfHttp2ReachesHttp1() throws Exception {
    toHttp1(Backend.echo());
    Http2Peer.Stream stream =
        client.open(
            request("POST", "/a", "cookie", "a=1", "cookie", "b=2", "te", "trailers"), false);
    stream.send("abc", true);
    Http2Headers head = stream.headers();
    assertThat(head.status()).hasToString("200");
    assertThat(names(head)).doesNotContain("connection", "transfer-encoding", "keep-alive");
    assertThat(stream.body(100)).isEqualTo("POST /a HTTP/1.1|abc");
    Wire.Message seen = http1.requests().getFirst();
    assertThat(seen.field("host")).contains("shop");
    assertThat(seen.field("cookie")).contains("a=1; b=2");
    assertThat(seen.field("transfer-encoding")).contains("chunked");
  }

  @Test
  void requestOfHttp1ReachesHttp2() throws Exception {
    toHttp2();
    try (Wire wire = waypoint.connect()) {
      wire.send(
          "POST /a HTTP/1.1\r\nHost: Shop\r\nX-One: 1\r\nTransfer-Encoding: chunked\r\n\r\n"
              + "3\r\nabc\r\n0\r\nX-Sum: 3\r\n\r\n");
      Http2Peer.Stream stream = http2.request();
      Http2Headers head = stream.headers();
      assertThat(head.method()).hasToString("POST");
      assertThat(head.authority()).hasToString("Shop");
      assertThat(names(head)).contains("x-one").doesNotContain("host", "transfer-encoding");
      Http2Headers last = stream.headers();
      assertThat(last.get("x-sum")).hasToString("3");
      assertThat(stream.body(3)).isEqualTo("abc");
      stream.send(response(200, "x-two", "2"), false).send("defg", false);
      stream.send(trailers("x-end", "4"), true);
      Wire.Message answer = wire.read();
      assertThat(answer.body()).isEqualTo("defg");
      assertThat(answer.field("x-two")).contains("2");
      assertThat(answer.trailers()).containsExactly("x-end: 4");
    }
  }

  @Test
  void streamsShareOneConnectionToTheBackend() throws Exception {
    toHttp2();
    List<Http2Peer.Stream> calls = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      calls.add(client.open(get("/" + i), true));
    }
    for (int i = 0; i < 20; i++) {
      Http2Peer.Stream served = http2.request();
      String path = served.headers().path().toString();
      served.send(response(200), false).send(path, true);
    }
    for (int i = 0; i < 20; i++) {
      calls.get(i).headers();
      assertThat(calls.get(i).body(10)).isEqualTo("/" + i);
    }
    assertThat(http2.connections()).isEqualTo(1);
  }

  @Test
  void hostileHeadersAreRefused() throws Exception {
    toHttp1(Backend.echo());
    String smuggled = "a\r\nX: y";
    for (Http2Headers headers :
        List.of(
            request("GET", "/", "x", smuggled),
            request("GET", "/", "transfer-encoding", "chunked"),
            request("GET", "/", "connection", "x"),
            request("GET", "/", "host", "other"),
            request("GET", "/a b"),
            request("GET", "/a%2fb"),
            request("GET", "*"),
            request("G T", "/"),
            request("GET", "/", "te", "gzip"),
            request("POST", "/", "content-length", "1", "content-length", "2"),
            request("POST", "/", "content-length", "5"),
            request("CONNECT", "/"),
            request("CONNECT", "/", ":protocol", "connect-udp"),
            request("CONNECT", "/", ":protocol", "websocket\r\nX: y"))) {
      try (Http2Peer other = Http2Peer.client(waypoint.listener().address())) {
        Http2Peer.Stream stream = other.open(headers, true);
        Await.until(() -> headers + " is refused", () -> !other.isOpen() || stream.isRefused());
      }
    }
    assertThat(http1.connections()).isZero();
  }

  @Test
  void answerOfOursToHeadHasNoBody() throws Exception {
    Phase denies =
        exchange -> {
          exchange.answer(
              new LocalAnswer(
                  403, ResponseFlag.DENIED, "no", new DefaultHttpHeaders(), "access denied"));
          return Phase.Step.ANSWERED;
        };
    waypoint = TestWaypoint.of(transport, TestWaypoint.plan(), denies);
    client = Http2Peer.client(waypoint.listener().address());
    Http2Peer.Stream head = client.open(request("HEAD", "/"), true);
    assertThat(head.headers().get("content-length")).hasToString("13");
    assertThat(head.isWhole()).isTrue();
    Http2Peer.Stream get = client.open(get("/"), true);
    assertThat(get.headers().status()).hasToString("403");
    assertThat(get.body(13)).isEqualTo("access denied");
  }
}

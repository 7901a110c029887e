// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import static dev.culvert.waypoint.peers.Http2Peer.get;
import static dev.culvert.waypoint.peers.Http2Peer.names;
import static dev.culvert.waypoint.peers.Http2Peer.request;
import static dev.culvert.waypoint.peers.Http2Peer.response;
import static dev.culvert.waypoint.peers.Http2Peer.trailers;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.accept.AcceptSettings;
import dev.culvert.waypoint.exchange.LocalAnswer;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.http.ResponseFlag;
import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.Http2Peer;
import dev.culvert.waypoint.peers.TestWaypoint;
import dev.culvert.waypoint.peers.Transports;
import dev.culvert.waypoint.peers.Wire;
import dev.culvert.waypoint.plan.Protocol;
import dev.culvert.waypoint.plan.Retries;
import dev.culvert.waypoint.plan.Timeouts;
import dev.culvert.ztunnel.transport.Transport;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2Headers;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** HTTP/2 on either side and on both; gRPC is what depends on the most of it. */
@ParameterizedClass
@MethodSource("transports")
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // CR LF, and no other end of a line
final class Http2ForwardingTest {
  @Parameter Transport transport;

  private Backend http1;
  private Http2Peer http2;
  private Http2Peer client;
  private TestWaypoint waypoint;

  static List<Transport> transports() {
    return Transports.all();
  }

  @AfterEach
  void stop() throws Exception {
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

  private void start(Protocol protocol, InetSocketAddress backend) throws Exception {
    waypoint =
        TestWaypoint.of(
            transport, TestWaypoint.plan(Timeouts.NONE, Retries.STANDARD, protocol, backend));
    client = Http2Peer.client(waypoint.listener().address());
  }

  private void toHttp1(Backend backend) throws Exception {
    http1 = backend;
    start(Protocol.HTTP1, backend.address());
  }

  private void toHttp2() throws Exception {
    http2 = Http2Peer.server();
    start(Protocol.HTTP2, http2.address());
  }

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
  void resetOfTheClientReachesTheBackend() throws Exception {
    toHttp2();
    Http2Peer.Stream call = client.open(request("POST", "/", "x", "y"), false);
    Http2Peer.Stream served = http2.request();
    served.headers();
    call.send(Http2Error.CANCEL);
    assertThat(served.reset()).isEqualTo(Http2Error.CANCEL);
    assertThat(waypoint.first().flag()).isEqualTo("DC");
  }

  @Test
  void resetOfTheBackendIs503() throws Exception {
    toHttp2();
    Http2Peer.Stream call = client.open(get("/"), true);
    Http2Peer.Stream served = http2.request();
    served.headers();
    served.send(Http2Error.INTERNAL_ERROR);
    assertThat(call.headers().status()).hasToString("503");
    assertThat(waypoint.first().flag()).isEqualTo("UR");
  }

  @Test
  void refusedStreamIsOpenedAgain() throws Exception {
    toHttp2();
    Http2Peer.Stream call = client.open(request("POST", "/"), true);
    Http2Peer.Stream served = http2.request();
    served.headers();
    served.send(Http2Error.REFUSED_STREAM);
    Http2Peer.Stream again = http2.request();
    again.headers();
    again.send(response(204), true);
    assertThat(call.headers().status()).hasToString("204");
  }

  @Test
  void webSocketOfHttp2ReachesHttp1() throws Exception {
    toHttp1(
        Backend.of(
            wire -> {
              Wire.Message head = wire.readHead();
              assertThat(head.line()).isEqualTo("GET /chat HTTP/1.1");
              assertThat(head.field("sec-websocket-key")).isPresent();
              wire.send(
                  "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\n"
                      + "connection: upgrade\r\nsec-websocket-accept: x\r\n\r\n");
              wire.send("echo " + wire.text(4));
              wire.rest();
            }));
    Http2Peer.Stream chat =
        client.open(
            request("CONNECT", "/chat", ":protocol", "websocket", "sec-websocket-version", "13"),
            false);
    assertThat(chat.headers().status()).hasToString("200");
    chat.send("ping", false);
    assertThat(chat.body(9)).isEqualTo("echo ping");
  }

  @Test
  void webSocketOfHttp1ReachesHttp2() throws Exception {
    toHttp2();
    try (Wire chat = waypoint.connect()) {
      chat.send(
          "GET /chat HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
              + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
      Http2Peer.Stream served = http2.request();
      Http2Headers asked = served.headers();
      assertThat(asked.method()).hasToString("CONNECT");
      assertThat(asked.get(":protocol")).hasToString("websocket");
      assertThat(asked.path()).hasToString("/chat");
      assertThat(names(asked)).doesNotContain("sec-websocket-key", "upgrade", "connection");
      served.send(response(200), false);
      Wire.Message head = chat.readHead();
      assertThat(head.status()).isEqualTo(101);
      assertThat(head.field("sec-websocket-accept"))
          .as("as in RFC 6455, section 1.3")
          .contains("s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
      chat.send("ping");
      assertThat(served.body(4)).isEqualTo("ping");
      served.send("pong", false);
      assertThat(chat.text(4)).isEqualTo("pong");
    }
  }

  @Test
  void webSocketOfHttp2ReachesHttp2() throws Exception {
    toHttp2();
    Http2Peer.Stream chat =
        client.open(
            request("CONNECT", "/chat", ":protocol", "websocket", "sec-websocket-version", "13"),
            false);
    Http2Peer.Stream served = http2.request();
    assertThat(served.headers().get(":protocol")).hasToString("websocket");
    served.send(response(200), false).send("hello", false);
    Http2Headers head = chat.headers();
    assertThat(head.status()).hasToString("200");
    assertThat(names(head)).doesNotContain("sec-websocket-accept", "upgrade");
    assertThat(chat.body(5)).isEqualTo("hello");
    chat.send("ping", true);
    assertThat(served.body(4)).isEqualTo("ping");
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
  void clientThatDoesNotReadHoldsTheBackend() throws Exception {
    java.util.concurrent.atomic.AtomicLong sent = new java.util.concurrent.atomic.AtomicLong();
    long all = 128L * 1024 * 1024;
    toHttp1(
        Backend.of(
            wire -> {
              wire.readHead();
              wire.send("HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n".formatted(all));
              byte[] part = new byte[64 * 1024];
              while (sent.get() < all) {
                wire.send(part);
                sent.addAndGet(part.length);
              }
            }));
    Http2Peer.Stream slow = client.open(get("/"), true);
    slow.pause();
    Stall.await(sent);
    assertThat(sent.get()).isLessThan(all / 4);
  }

  @Test
  void backendThatDoesNotReadHoldsTheClient() throws Exception {
    CountDownLatch read = new CountDownLatch(1);
    toHttp1(
        Backend.of(
            wire -> {
              wire.readHead();
              try {
                read.await();
              } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
              }
            }));
    Http2Peer.Stream fast = client.open(request("PUT", "/"), false);
    String part = "x".repeat(64 * 1024);
    int parts = 1_000;
    for (int i = 0; i < parts; i++) {
      fast.send(part, false);
    }
    Stall.await(fast.sent());
    assertThat(fast.sent().get()).isLessThan(parts * (long) part.length() / 4);
    read.countDown();
  }

  @Test
  void drainLetsStreamsEnd() throws Exception {
    toHttp2();
    Http2Peer.Stream call = client.open(get("/"), true);
    Http2Peer.Stream served = http2.request();
    served.headers();
    waypoint.listener().drain();
    served.send(response(200), false).send("ok", true);
    assertThat(call.headers().status()).hasToString("200");
    assertThat(call.body(2)).isEqualTo("ok");
    Await.until("the connection ends", () -> !client.isOpen());
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

  @Test
  void backendThatSwitchesProtocolsHarmsItsOwnRequestOnly() throws Exception {
    toHttp2();
    Http2Peer.Stream other = client.open(request("GET", "/other"), true);
    Http2Peer.Stream served = http2.request();
    Http2Peer.Stream stream = client.open(get("/"), true);
    http2.request().send(response(101), false);
    assertThat(stream.headers().status()).hasToString("502");
    served.send(response(200), true);
    assertThat(other.headers().status()).hasToString("200");
  }

  @Test
  void responseThatGoesOnIsNoIdleStream() throws Exception {
    toHttp2WithASecondOfPatience();
    Http2Peer.Stream stream = client.open(get("/"), true);
    Http2Peer.Stream served = http2.request().send(response(200), false);
    assertThat(stream.headers().status()).hasToString("200");
    for (int i = 0; i < 25; i++) {
      TimeUnit.MILLISECONDS.sleep(100); // of the time itself it is that this tells
      served.send("x", false);
      assertThat(stream.body(1)).isEqualTo("x");
    }
    served.send("", true);
  }

  @Test
  void streamThatStandsStillEndsAlone() throws Exception {
    toHttp2WithASecondOfPatience();
    Http2Peer.Stream still = client.open(request("POST", "/"), false);
    Http2Peer.Stream moving = client.open(get("/"), true);
    http2.request();
    Http2Peer.Stream served = http2.request().send(response(200), false);
    assertThat(moving.headers().status()).hasToString("200");
    for (int i = 0; i < 25; i++) {
      TimeUnit.MILLISECONDS.sleep(100);
      served.send("x", false);
      assertThat(moving.body(1)).isEqualTo("x");
    }
    assertThat(still.headers().status()).hasToString("408");
    served.send("y", true);
    assertThat(moving.body(1)).isEqualTo("y");
    assertThat(waypoint.first().flag()).isEqualTo("SI");
  }

  /** Else each would keep its place on the connection to the backend. */
  @Test
  void responseBeforeTheEndOfItsRequestEndsBoth() throws Exception {
    toHttp2();
    for (String body : List.of("", "too long")) {
      Http2Peer.Stream upload = client.open(request("POST", "/"), false);
      Http2Peer.Stream served = http2.request();
      served.headers();
      served.send(response(413), body.isEmpty());
      if (!body.isEmpty()) {
        served.send(body, true);
      }
      assertThat(upload.headers().status()).hasToString("413");
      assertThat(served.reset()).isEqualTo(Http2Error.CANCEL);
    }
    Http2Peer.Stream next = client.open(get("/"), true);
    http2.request().send(response(200), true);
    assertThat(next.headers().status()).hasToString("200");
    assertThat(http2.connections()).isEqualTo(1);
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

  private void toHttp2WithASecondOfPatience() throws Exception {
    AcceptSettings standard = AcceptSettings.STANDARD;
    AcceptSettings quick =
        new AcceptSettings(
            standard.maxHeadBytes(),
            standard.maxHeaders(),
            standard.headTimeout(),
            standard.keepAlive(),
            Duration.ofSeconds(1),
            standard.maxStreams(),
            standard.streamWindow());
    http2 = Http2Peer.server();
    waypoint =
        TestWaypoint.of(
            transport,
            quick,
            TestWaypoint.plan(Timeouts.NONE, Retries.STANDARD, Protocol.HTTP2, http2.address()));
    client = Http2Peer.client(waypoint.listener().address());
  }
}

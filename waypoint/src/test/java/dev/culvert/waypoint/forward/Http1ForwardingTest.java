// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.exchange.LocalAnswer;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.observe.ResponseFlag;
import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.FreePort;
import dev.culvert.waypoint.peers.TestWaypoint;
import dev.culvert.waypoint.peers.Transports;
import dev.culvert.waypoint.peers.Wire;
import dev.culvert.waypoint.plan.Protocol;
import dev.culvert.waypoint.plan.Retries;
import dev.culvert.waypoint.plan.Timeouts;
import dev.culvert.ztunnel.transport.Transport;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** HTTP/1 from client to backend, and what happens when either breaks off. */
@ParameterizedClass
@MethodSource("transports")
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // CR LF, and no other end of a line
final class Http1ForwardingTest {
  private static final String GET = "GET /a?b=c HTTP/1.1\r\nHost: shop\r\n\r\n";
  private static final String OK = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok";

  @Parameter Transport transport;

  private Backend backend;
  private TestWaypoint waypoint;

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

  private void start(Backend.Script script) throws IOException {
    start(Backend.of(script));
  }

  private void start(Backend started) throws IOException {
    backend = started;
    waypoint = TestWaypoint.of(transport, TestWaypoint.plan(backend.address()));
  }

  private void start(Timeouts timeouts, Retries retries, Backend.Script script) throws IOException {
    backend = Backend.of(script);
    waypoint =
        TestWaypoint.of(
            transport, TestWaypoint.plan(timeouts, retries, Protocol.HTTP1, backend.address()));
  }

  @Test
  void eachAddressToldBeforeIsPassedOn() throws IOException {
    start(Backend.echo());
    try (Wire client = waypoint.connect()) {
      client.send(
          "GET / HTTP/1.1\r\nHost: shop\r\nX-Forwarded-For: 198.18.0.1\r\n"
              + "X-Forwarded-For: 198.18.0.2, 198.18.0.3\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(200);
    }
    assertThat(backend.requests().getFirst().field("x-forwarded-for"))
        .contains("198.18.0.1, 198.18.0.2, 198.18.0.3, 127.0.0.1");
  }

  /** Of an app that reads the standard's field the client could else be anybody (RFC 7239). */
  @Test
  void clientIsToldBehindItsOwnWordInForwardedToo() throws IOException {
    start(Backend.echo());
    try (Wire client = waypoint.connect()) {
      client.send("GET / HTTP/1.1\r\nHost: shop\r\nForwarded: for=198.18.0.1;proto=https\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(200);
      client.send(GET);
      assertThat(client.read().status()).isEqualTo(200);
    }
    assertThat(backend.requests().getFirst().fields())
        .filteredOn(field -> field.toLowerCase(Locale.ROOT).startsWith("forwarded:"))
        .last(InstanceOfAssertFactories.STRING)
        .isEqualToIgnoringCase("forwarded: for=127.0.0.1;proto=http");
    assertThat(backend.requests().getLast().field("forwarded")).isEmpty();
  }

  @Test
  void clientIsNoProxyWhoseWordCounts() throws IOException {
    start(Backend.echo());
    try (Wire client = waypoint.connect()) {
      client.send(
          "GET / HTTP/1.1\r\nHost: shop\r\nX-Envoy-Internal: true\r\n"
              + "X-Envoy-External-Address: 198.18.0.1\r\nX-Envoy-Original-Path: /a\r\n"
              + "X-Envoy-Peer-Metadata: a\r\nX-Envoy-Peer-Metadata-Id: b\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(200);
    }
    assertThat(backend.requests().getFirst().fields())
        .noneMatch(field -> field.toLowerCase(Locale.ROOT).startsWith("x-envoy"));
  }

  @Test
  void backendSeesTheRequestAndWhoSentIt() throws IOException {
    start(Backend.echo());
    try (Wire client = waypoint.connect()) {
      client.send(
          "POST /a/../b?c HTTP/1.1\r\nHost: shop\r\nX-One: 1\r\nConnection: close, x-one\r\n"
              + "X-Forwarded-Client-Cert: forged\r\nContent-Length: 3\r\n\r\nabc");
      assertThat(client.read().body()).isEqualTo("POST /b?c HTTP/1.1|abc");
      assertThat(client.isEnded()).isTrue();
    }
    Wire.Message request = backend.requests().getFirst();
    assertThat(request.field("host")).contains("shop");
    assertThat(request.field("x-forwarded-for")).contains("127.0.0.1");
    assertThat(request.field("x-forwarded-proto")).contains("http");
    assertThat(request.field("x-one")).as("named by connection").isEmpty();
    assertThat(request.field("x-forwarded-client-cert")).isEmpty();
    assertThat(request.field("connection")).isEmpty();
  }

  /** What Connection names goes before phases add what they know; a client cannot name that. */
  @Test
  void clientCannotHaveTakenAwayWhatAPhaseSays() throws IOException {
    backend = Backend.echo();
    Phase says =
        exchange -> {
          exchange.head().headers().set("x-user", "guest");
          return Phase.Step.NEXT;
        };
    waypoint = TestWaypoint.of(transport, TestWaypoint.plan(backend.address()), says);
    try (Wire client = waypoint.connect()) {
      client.send(
          "GET / HTTP/1.1\r\nHost: shop\r\nX-User: root\r\nX-One: 1\r\n"
              + "Connection: x-user\r\nConnection: keep-alive, X-One, host\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(200);
      client.send(GET);
      assertThat(client.read().status()).as("the connection is kept").isEqualTo(200);
    }
    Wire.Message request = backend.requests().getFirst();
    assertThat(request.field("x-user")).contains("guest");
    assertThat(request.field("x-one")).isEmpty();
    assertThat(request.field("host")).contains("shop");
  }

  @Test
  void trailersSayNothingOfWhoTheClientIs() throws IOException {
    start(Backend.echo());
    try (Wire client = waypoint.connect()) {
      client.send(
          "POST / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n"
              + "X-Forwarded-For: 198.18.0.1\r\nX-Forwarded-Client-Cert: forged\r\n"
              + "Forwarded: for=198.18.0.1\r\nX-Envoy-Internal: true\r\nCookie: a=b\r\n"
              + "Proxy-Authorization: x\r\nExpect: 100-continue\r\nX-Sum: 1\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(200);
    }
    assertThat(backend.requests().getFirst().trailers()).containsExactly("X-Sum: 1");
  }

  @Test
  void connectionsAreKeptOnBothSides() throws IOException {
    start(Backend.echo());
    try (Wire client = waypoint.connect()) {
      for (int i = 0; i < 5; i++) {
        client.send(GET);
        assertThat(client.read().status()).isEqualTo(200);
      }
    }
    assertThat(backend.connections()).isEqualTo(1);
  }

  @Test
  void pipelinedRequestsAreAnsweredInTheirOrder() throws IOException {
    start(Backend.echo());
    try (Wire client = waypoint.connect()) {
      StringBuilder all = new StringBuilder();
      for (int i = 0; i < 50; i++) {
        all.append("POST /%d HTTP/1.1\r\nHost: shop\r\nContent-Length: 1\r\n\r\n.".formatted(i));
      }
      client.send(all.toString());
      for (int i = 0; i < 50; i++) {
        assertThat(client.read().body()).isEqualTo("POST /%d HTTP/1.1|.".formatted(i));
      }
    }
  }

  @Test
  void chunksAndTrailersPassBothWays() throws IOException {
    start(
        wire -> {
          Wire.Message request = backend.take(wire);
          wire.send(
              "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n%x\r\n%s\r\n0\r\nX-End: %s\r\n\r\n"
                  .formatted(request.body().length(), request.body(), request.trailers().size()));
        });
    try (Wire client = waypoint.connect()) {
      client.send(
          "POST / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n"
              + "3\r\nabc\r\n4;ext=1\r\ndefg\r\n0\r\nX-Sum: 7\r\nContent-Length: 9\r\n\r\n");
      Wire.Message response = client.read();
      assertThat(response.body()).isEqualTo("abcdefg");
      assertThat(response.trailers()).containsExactly("X-End: 1");
    }
    assertThat(backend.requests().getFirst().trailers()).containsExactly("X-Sum: 7");
  }

  @Test
  void expectationIsMetByTheBackend() throws IOException {
    start(
        wire -> {
          Wire.Message head = wire.readHead();
          assertThat(head.field("expect")).contains("100-continue");
          wire.send("HTTP/1.1 100 Continue\r\n\r\n");
          wire.text(3);
          wire.send(OK);
        });
    try (Wire client = waypoint.connect()) {
      client.send(
          "PUT / HTTP/1.1\r\nHost: shop\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
      assertThat(client.readHead().status()).isEqualTo(100);
      client.send("abc");
      assertThat(client.read().body()).isEqualTo("ok");
    }
  }

  @Test
  void expectationIsRefusedWithoutTheBody() throws IOException {
    start(
        wire -> {
          wire.readHead();
          wire.send("HTTP/1.1 413 Too Large\r\ncontent-length: 0\r\n\r\n");
          wire.rest();
        });
    try (Wire client = waypoint.connect()) {
      client.send(
          "PUT / HTTP/1.1\r\nHost: shop\r\nExpect: 100-continue\r\nContent-Length: 3\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(413);
      assertThat(client.isEnded()).as("the body would be read as a request").isTrue();
    }
  }

  @Test
  void webSocketCarriesBytesBothWays() throws IOException {
    start(
        wire -> {
          Wire.Message head = wire.readHead();
          assertThat(head.field("upgrade")).contains("websocket");
          assertThat(head.field("connection")).contains("upgrade");
          wire.send(
              "HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n"
                  + "sec-websocket-accept: x\r\n\r\nhello");
          wire.send("echo " + wire.text(8));
          assertThat(wire.isEnded()).isTrue();
        });
    try (Wire client = waypoint.connect()) {
      client.send(
          "GET /chat HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
              + "Sec-WebSocket-Key: k\r\nSec-WebSocket-Version: 13\r\n\r\n"
              + "GET ");
      Wire.Message head = client.readHead();
      assertThat(head.status()).isEqualTo(101);
      assertThat(head.field("upgrade")).contains("websocket");
      assertThat(client.text(5)).isEqualTo("hello");
      client.send("/ HT");
      assertThat(client.text(13)).as("no byte of it was read as HTTP").isEqualTo("echo GET / HT");
    }
    assertThat(waypoint.first().status()).isEqualTo(101);
  }

  @Test
  void refusedUpgradeLeavesAnHttpConnection() throws IOException {
    start(
        wire -> {
          wire.readHead();
          wire.send("HTTP/1.1 426 Upgrade Required\r\ncontent-length: 0\r\n\r\n");
          wire.readHead();
          wire.send(OK);
        });
    try (Wire client = waypoint.connect()) {
      client.send(
          "GET / HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(426);
      assertThat(client.send(GET).read().status()).isEqualTo(200);
    }
  }

  @Test
  void otherUpgradesAreNotPassedOn() throws IOException {
    start(Backend.echo());
    try (Wire client = waypoint.connect()) {
      client.send(
          "GET / HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade, HTTP2-Settings\r\n"
              + "Upgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQ\r\n\r\n");
      assertThat(client.read().status()).isEqualTo(200);
    }
    assertThat(backend.requests().getFirst().field("upgrade")).isEmpty();
    assertThat(backend.requests().getFirst().field("http2-settings")).isEmpty();
  }

  @Test
  void oldClientGetsABodyToTheEndOfTheConnection() throws IOException {
    start(
        wire -> {
          wire.readHead();
          wire.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n");
        });
    try (Wire client = waypoint.connect()) {
      client.send("GET / HTTP/1.0\r\nHost: shop\r\n\r\n");
      Wire.Message head = client.readHead();
      assertThat(head.field("transfer-encoding")).isEmpty();
      assertThat(client.rest()).isEqualTo("ok");
    }
  }

  @Test
  void answerToHeadHasALengthAndNoBody() throws IOException {
    start(Backend.echo());
    try (Wire client = waypoint.connect()) {
      client.send("HEAD / HTTP/1.1\r\nHost: shop\r\n\r\n");
      assertThat(client.readHead().field("content-length")).contains("16");
      client.send(GET);
      assertThat(client.read().body()).isEqualTo("GET /a?b=c HTTP/1.1|");
    }
  }

  @Test
  void idleConnectionIsClosedWhoseTunnelEnds() throws IOException {
    start(Backend.echo());
    try (Wire client = waypoint.connect()) {
      assertThat(client.send(GET).read().status()).isEqualTo(200);
      assertThat(waypoint.backendConnections()).isEqualTo(1);
      waypoint.backendsLeave();
      Await.until("it is closed", () -> waypoint.backendConnections() == 0);
      assertThat(client.send(GET).read().status()).isEqualTo(200);
    }
    assertThat(backend.connections()).isEqualTo(2);
  }

  @Test
  void requestIsFinishedWhoseTunnelEnds() throws IOException {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    start(
        wire -> {
          wire.read();
          asked.countDown();
          Await.until("it may answer", () -> answer.getCount() == 0);
          wire.send(OK);
          wire.read();
        });
    try (Wire client = waypoint.connect()) {
      client.send(GET);
      Await.until("the backend is asked", () -> asked.getCount() == 0);
      waypoint.backendsLeave();
      answer.countDown();
      assertThat(client.read().body()).isEqualTo("ok");
      Await.until("it is not kept", () -> waypoint.backendConnections() == 0);
    }
  }

  @Test
  void endpointThatRefusesIs503() throws IOException {
    InetSocketAddress nobody =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), FreePort.take());
    waypoint = TestWaypoint.of(transport, TestWaypoint.plan(nobody));
    try (Wire client = waypoint.connect()) {
      assertThat(client.send(GET).read().status()).isEqualTo(503);
      assertThat(client.send(GET).read().status()).as("on the same connection").isEqualTo(503);
    }
    assertThat(waypoint.first().details()).contains("cannot connect to");
  }

  @Test
  void otherEndpointIsTriedWhenOneRefuses() throws IOException {
    InetSocketAddress nobody =
        new InetSocketAddress(InetAddress.getLoopbackAddress(), FreePort.take());
    backend = Backend.echo();
    waypoint = TestWaypoint.of(transport, TestWaypoint.plan(nobody, backend.address()));
    try (Wire client = waypoint.connect()) {
      client.send("POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 3\r\n\r\nabc");
      assertThat(client.read().body()).isEqualTo("POST / HTTP/1.1|abc");
    }
    assertThat(waypoint.first().attempts()).isEqualTo(2);
  }

  @Test
  void noEndpointIs503() throws IOException {
    waypoint = TestWaypoint.of(transport, TestWaypoint.plan());
    try (Wire client = waypoint.connect()) {
      assertThat(client.send(GET).read().status()).isEqualTo(503);
    }
    assertThat(waypoint.first().flag()).isEqualTo("UH");
  }

  @Test
  void backendThatClosesWithoutAnAnswerIs503() throws IOException {
    start(wire -> backend.take(wire));
    try (Wire client = waypoint.connect()) {
      assertThat(client.send(GET).read().status()).isEqualTo(503);
    }
    assertThat(waypoint.first().flag()).isEqualTo("UC");
    assertThat(backend.requests()).as("it may have acted on it").hasSize(1);
  }

  @Test
  void keptConnectionThatEndsUnderARequestIsReplaced() throws IOException {
    AtomicInteger first = new AtomicInteger();
    start(
        wire -> {
          backend.take(wire);
          wire.send(OK);
          backend.take(wire);
          if (first.getAndIncrement() > 0) {
            wire.send(OK);
          }
        });
    try (Wire client = waypoint.connect()) {
      assertThat(client.send(GET).read().status()).isEqualTo(200);
      assertThat(client.send(GET).read().status()).as("sent again").isEqualTo(200);
    }
    assertThat(backend.connections()).isEqualTo(2);
  }

  @Test
  void postIsNotSentAgainWhenItMayHaveBeenActedOn() throws IOException {
    start(
        wire -> {
          backend.take(wire);
          wire.send(OK);
          backend.take(wire);
        });
    String post = "POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 0\r\n\r\n";
    try (Wire client = waypoint.connect()) {
      assertThat(client.send(post).read().status()).isEqualTo(200);
      assertThat(client.send(post).read().status()).isEqualTo(503);
    }
    assertThat(backend.requests()).hasSize(2);
  }

  @Test
  void statusToRetryIsAskedForAgain() throws IOException {
    AtomicInteger asked = new AtomicInteger();
    start(
        Timeouts.NONE,
        new Retries(3, Set.of(503), Duration.ofMillis(1), true),
        wire -> {
          while (true) {
            backend.take(wire);
            wire.send(
                asked.incrementAndGet() < 3
                    ? "HTTP/1.1 503 Busy\r\ncontent-length: 0\r\n\r\n"
                    : OK);
          }
        });
    try (Wire client = waypoint.connect()) {
      assertThat(client.send(GET).read().body()).isEqualTo("ok");
    }
    assertThat(waypoint.first().attempts()).isEqualTo(3);
  }

  @Test
  void lastAnswerIsPassedOnWhenRetriesAreUsedUp() throws IOException {
    start(
        Timeouts.NONE,
        new Retries(2, Set.of(503), Duration.ofMillis(1), true),
        wire -> {
          while (true) {
            backend.take(wire);
            wire.send("HTTP/1.1 503 Busy\r\ncontent-length: 4\r\n\r\nbusy");
          }
        });
    try (Wire client = waypoint.connect()) {
      assertThat(client.send(GET).read().body()).isEqualTo("busy");
    }
    assertThat(backend.requests()).hasSize(3);
  }

  @Test
  void answerThatIsNoHttpIs502() throws IOException {
    start(
        wire -> {
          backend.take(wire);
          wire.send("SSH-2.0-OpenSSH_9.2\r\n\r\n");
          wire.rest();
        });
    try (Wire client = waypoint.connect()) {
      assertThat(client.send(GET).read().status()).isEqualTo(502);
    }
    assertThat(waypoint.first().flag()).isEqualTo("UPE");
  }

  @Test
  void oldBackendIsAnsweredForInOurVersion() throws IOException {
    start(
        wire -> {
          backend.take(wire);
          wire.send("HTTP/1.0 200 OK\r\n\r\nok");
        });
    try (Wire client = waypoint.connect()) {
      client.send(GET);
      Wire.Message answer = client.read();
      assertThat(answer.line()).isEqualTo("HTTP/1.1 200 OK");
      assertThat(answer.body()).isEqualTo("ok");
      client.send(GET);
      assertThat(client.read().status()).as("the client's connection is kept").isEqualTo(200);
    }
  }

  @Test
  void versionThatIsNoneIs502() throws IOException {
    start(
        wire -> {
          backend.take(wire);
          wire.send("HTTP/7.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
        });
    try (Wire client = waypoint.connect()) {
      assertThat(client.send(GET).read().status()).isEqualTo(502);
    }
  }

  @Test
  void answerWithTwoLengthsIs502() throws IOException {
    start(
        wire -> {
          backend.take(wire);
          wire.send(
              "HTTP/1.1 200 OK\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n"
                  + "2\r\nok\r\n0\r\n\r\n");
          wire.rest();
        });
    try (Wire client = waypoint.connect()) {
      assertThat(client.send(GET).read().status()).isEqualTo(502);
    }
  }

  @Test
  void whatFollowsAResponseIsGivenToNobody() throws IOException {
    start(
        wire -> {
          backend.take(wire);
          wire.send(OK + "HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nforged");
          wire.rest();
        });
    try (Wire client = waypoint.connect()) {
      client.send(GET + GET);
      assertThat(client.read().body()).isEqualTo("ok");
      assertThat(client.read().body()).isEqualTo("ok");
    }
    assertThat(backend.connections()).isEqualTo(2);
  }

  @Test
  void slowBackendIs504() throws IOException {
    CountDownLatch done = new CountDownLatch(1);
    start(
        new Timeouts(Duration.ofSeconds(1), Duration.ZERO),
        Retries.STANDARD,
        wire -> {
          backend.take(wire);
          wire.send(OK);
          backend.take(wire);
          if (wire.isEnded()) {
            done.countDown();
          }
        });
    try (Wire client = waypoint.connect()) {
      // The second one finds a connection, so that it is with the backend when its time is up.
      assertThat(client.send(GET).read().status()).isEqualTo(200);
      assertThat(client.send(GET).read().status()).isEqualTo(504);
    }
    Await.until("the backend's connection ends", () -> done.getCount() == 0);
    assertThat(waypoint.told().getLast().flag()).isEqualTo("UT");
  }

  @Test
  void slowAttemptOnAKeptConnectionIsNotRepeated() throws IOException {
    start(
        new Timeouts(Duration.ZERO, Duration.ofMillis(300)),
        Retries.STANDARD,
        wire -> {
          backend.take(wire);
          wire.send(OK);
          backend.take(wire);
          assertThat(wire.isEnded()).isTrue();
        });
    try (Wire client = waypoint.connect()) {
      client.send(GET);
      assertThat(client.read().status()).isEqualTo(200);
      client.send(GET);
      assertThat(client.read().status()).isEqualTo(504);
    }
    assertThat(backend.requests()).hasSize(2);
  }

  @Test
  void slowAttemptIsRepeatedWhenTheRouteSaysSo() throws IOException {
    AtomicInteger asked = new AtomicInteger();
    start(
        new Timeouts(Duration.ZERO, Duration.ofMillis(500)),
        new Retries(2, Set.of(), Duration.ofMillis(1), true),
        wire -> {
          backend.take(wire);
          if (asked.incrementAndGet() > 1) {
            wire.send(OK);
          }
          wire.rest();
        });
    try (Wire client = waypoint.connect()) {
      assertThat(client.send(GET).read().status()).isEqualTo(200);
    }
  }

  @Test
  void brokenResponseIsNotMadeWhole() throws IOException {
    start(
        wire -> {
          backend.take(wire);
          wire.send("HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf");
        });
    try (Wire client = waypoint.connect()) {
      client.send(GET);
      assertThat(client.readHead().status()).isEqualTo(200);
      assertThat(client.text(4)).isEqualTo("half");
      assertThat(client.isEnded()).isTrue();
    }
    assertThat(waypoint.first().flag()).isEqualTo("UC");
  }

  @Test
  void clientThatLeavesEndsTheBackendsWork() throws IOException {
    CountDownLatch done = new CountDownLatch(1);
    CountDownLatch asked = new CountDownLatch(1);
    start(
        wire -> {
          backend.take(wire);
          asked.countDown();
          if (wire.isEnded()) {
            done.countDown();
          }
        });
    try (Wire client = waypoint.connect()) {
      client.send(GET);
      Await.until("the backend is asked", () -> asked.getCount() == 0);
      client.reset();
    }
    Await.until("the backend's connection ends", () -> done.getCount() == 0);
    assertThat(waypoint.first().flag()).isEqualTo("DC");
  }

  @Test
  void nothingIsSentBeforeAPhaseThatWaitsIsDone() throws Exception {
    CountDownLatch waits = new CountDownLatch(1);
    CountDownLatch decided = new CountDownLatch(1);
    backend = Backend.echo();
    Phase slow =
        exchange -> {
          waits.countDown();
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      decided.await();
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                    exchange.connection().loop().execute(exchange::proceed);
                  });
          return Phase.Step.WAITS;
        };
    waypoint = TestWaypoint.of(transport, TestWaypoint.plan(backend.address()), slow);
    try (Wire client = waypoint.connect()) {
      client.send("POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 3\r\n\r\nabc");
      waits.await();
      assertThat(backend.connections()).isZero();
      decided.countDown();
      assertThat(client.read().body()).isEqualTo("POST / HTTP/1.1|abc");
    }
  }

  @Test
  void phaseThatAnswersSendsNothingOn() throws IOException {
    backend = Backend.echo();
    Phase denies =
        exchange -> {
          exchange.answer(LocalAnswer.of(403, ResponseFlag.DENIED, "by a test"));
          return Phase.Step.ANSWERED;
        };
    waypoint = TestWaypoint.of(transport, TestWaypoint.plan(backend.address()), denies);
    try (Wire client = waypoint.connect()) {
      assertThat(client.send(GET).read().status()).isEqualTo(403);
      client.send("POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 3\r\n\r\nabc");
      assertThat(client.read().status()).isEqualTo(403);
    }
    assertThat(backend.connections()).isZero();
  }

  @Test
  void phaseThatFailsIs500AndSendsNothingOn() throws IOException {
    backend = Backend.echo();
    Phase fails =
        exchange -> {
          throw new IllegalStateException("by a test");
        };
    waypoint = TestWaypoint.of(transport, TestWaypoint.plan(backend.address()), fails);
    try (Wire client = waypoint.connect()) {
      assertThat(client.send(GET).read().status()).isEqualTo(500);
    }
    assertThat(backend.connections()).isZero();
  }

  @Test
  void clientThatDoesNotReadHoldsTheBackend() throws IOException {
    AtomicLong sent = new AtomicLong();
    long all = 128L * 1024 * 1024;
    start(
        wire -> {
          backend.take(wire);
          wire.send("HTTP/1.1 200 OK\r\ncontent-length: %d\r\n\r\n".formatted(all));
          byte[] part = new byte[64 * 1024];
          while (sent.get() < all) {
            wire.send(part);
            sent.addAndGet(part.length);
          }
        });
    try (Wire client = waypoint.connect()) {
      client.send(GET);
      assertThat(client.readHead().status()).isEqualTo(200);
      Stall.await(sent);
      assertThat(sent.get()).isLessThan(all / 4);
      assertThat(client.text((int) all)).hasSize((int) all);
    }
  }

  @Test
  void backendThatDoesNotReadHoldsTheClient() throws Exception {
    long all = 128L * 1024 * 1024;
    CountDownLatch read = new CountDownLatch(1);
    AtomicLong received = new AtomicLong();
    start(
        wire -> {
          wire.readHead();
          try {
            read.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          while (received.get() < all) {
            received.addAndGet(wire.text(64 * 1024).length());
          }
          wire.send(OK);
        });
    AtomicLong sent = new AtomicLong();
    try (Wire client = waypoint.connect()) {
      client.send("PUT / HTTP/1.1\r\nHost: shop\r\nContent-Length: %d\r\n\r\n".formatted(all));
      Thread sender =
          Thread.ofVirtual()
              .start(
                  () -> {
                    byte[] part = new byte[64 * 1024];
                    try {
                      while (sent.get() < all) {
                        client.send(part);
                        sent.addAndGet(part.length);
                      }
                    } catch (IOException e) {
                      sent.set(-1);
                    }
                  });
      Stall.await(sent);
      assertThat(sent.get()).isPositive().isLessThan(all / 4);
      read.countDown();
      assertThat(client.read().status()).isEqualTo(200);
      sender.join();
    }
    assertThat(received.get()).isEqualTo(all);
  }

  private static final int PARTS = 32 * 1024;

  private static String part(int number) {
    return String.valueOf((char) ('a' + number % 26)).repeat(1000);
  }

  /** Counts what went out. */
  private static void sendParts(Wire to, AtomicLong sent) {
    try {
      for (int i = 0; i < PARTS; i++) {
        to.send("3e8\r\n" + part(i) + "\r\n");
        sent.incrementAndGet();
      }
      to.send("0\r\n\r\n");
    } catch (IOException e) {
      sent.set(-1);
    }
  }

  private static void assertAllInOrder(List<String> chunks) {
    assertThat(chunks).as("some waited together").anyMatch(chunk -> chunk.length() > 1000);
    String all = String.join("", chunks);
    assertThat(all).hasSize(PARTS * 1000);
    for (int i = 0; i < PARTS; i++) {
      assertThat(all.startsWith(part(i), i * 1000)).as("part %d", i).isTrue();
    }
  }

  @Test
  void smallPartsOfARequestThatWaitGoOnTogether() throws Exception {
    CountDownLatch read = new CountDownLatch(1);
    List<String> chunks = new CopyOnWriteArrayList<>();
    start(
        wire -> {
          wire.readHead();
          await(read);
          chunks.addAll(wire.chunks());
          wire.send(OK);
        });
    AtomicLong sent = new AtomicLong();
    try (Wire client = waypoint.connect()) {
      client.send("PUT / HTTP/1.1\r\nHost: shop\r\nTransfer-Encoding: chunked\r\n\r\n");
      Thread sender = Thread.ofVirtual().start(() -> sendParts(client, sent));
      Stall.await(sent);
      assertThat(sent.get()).isPositive().isLessThan(PARTS);
      read.countDown();
      assertThat(client.read().status()).isEqualTo(200);
      sender.join();
    }
    assertAllInOrder(chunks);
  }

  @Test
  void smallPartsOfAResponseThatWaitGoOnTogether() throws Exception {
    AtomicLong sent = new AtomicLong();
    start(
        wire -> {
          wire.readHead();
          wire.send("HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n");
          sendParts(wire, sent);
        });
    try (Wire client = waypoint.connect()) {
      client.send(GET);
      Stall.await(sent);
      assertThat(sent.get()).isPositive().isLessThan(PARTS);
      assertThat(client.readHead().status()).isEqualTo(200);
      assertAllInOrder(client.chunks());
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Test
  void drainFinishesWhatIsUnderWay() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    start(
        wire -> {
          backend.take(wire);
          asked.countDown();
          try {
            answer.await();
          } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
          }
          wire.send(OK);
          wire.rest();
        });
    try (Wire idle = waypoint.connect();
        Wire busy = waypoint.connect()) {
      busy.send(GET);
      asked.await();
      Await.until("both are accepted", () -> waypoint.listener().connections() == 2);
      waypoint.listener().drain();
      assertThat(idle.isEnded()).isTrue();
      answer.countDown();
      Wire.Message last = busy.read();
      assertThat(last.body()).isEqualTo("ok");
      assertThat(last.field("connection")).contains("close");
      assertThat(busy.isEnded()).isTrue();
    }
  }

  @Test
  void webSocketHasItsGraceInADrain() throws IOException {
    start(
        wire -> {
          wire.readHead();
          wire.send(
              "HTTP/1.1 101 Switching Protocols\r\n"
                  + "upgrade: websocket\r\n"
                  + "connection: upgrade\r\n\r\n");
          while (true) {
            wire.send("echo " + wire.text(4));
          }
        });
    try (Wire client = waypoint.connect()) {
      client.send(
          "GET /chat HTTP/1.1\r\nHost: shop\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
              + "Sec-WebSocket-Key: k\r\nSec-WebSocket-Version: 13\r\n\r\n");
      assertThat(client.readHead().status()).isEqualTo(101);
      waypoint.listener().drain();
      for (int i = 0; i < 3; i++) {
        client.send("ping");
        assertThat(client.text(9)).isEqualTo("echo ping");
      }
      waypoint.listener().close(Duration.ofMillis(20));
      assertThat(client.isEnded()).as("the grace is over").isTrue();
    }
  }
}

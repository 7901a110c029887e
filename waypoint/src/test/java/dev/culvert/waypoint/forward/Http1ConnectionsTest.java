// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.Wire;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Connections of HTTP/1: kept, pipelined, and what they become when they are upgraded or end. */
@ParameterizedClass
@MethodSource("transports")
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // CR LF, and no other end of a line
final class Http1ConnectionsTest extends Http1Case {
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
  void drainFinishesWhatIsUnderWay() throws Exception {
    CountDownLatch asked = new CountDownLatch(1);
    CountDownLatch answer = new CountDownLatch(1);
    startWithASecondForHeads(
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

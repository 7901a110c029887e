// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.peers.FreePort;
import dev.culvert.waypoint.peers.TestWaypoint;
import dev.culvert.waypoint.peers.Wire;
import dev.culvert.waypoint.plan.Retries;
import dev.culvert.waypoint.plan.Timeouts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What is answered when a backend of HTTP/1 refuses, breaks off, is slow or talks nonsense. */
@ParameterizedClass
@MethodSource("transports")
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // CR LF, and no other end of a line
final class Http1FailuresTest extends Http1Case {
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
}

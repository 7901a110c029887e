// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.FreePort;
import dev.culvert.waypoint.peers.TestWaypoint;
import dev.culvert.waypoint.peers.Wire;
import dev.culvert.waypoint.plan.Retries;
import dev.culvert.waypoint.plan.Timeouts;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What is sent again to a backend of HTTP/1, and what is not. */
@ParameterizedClass
@MethodSource("transports")
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // CR LF, and no other end of a line
final class Http1RetriesTest extends Http1Case {
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
  void slowAttemptOnAKeptConnectionIsNotRepeated() throws IOException {
    start(
        new Timeouts(Duration.ZERO, Duration.ofSeconds(1)),
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
        new Timeouts(Duration.ZERO, Duration.ofSeconds(1)),
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
}

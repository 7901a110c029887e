// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.forward;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.exchange.LocalAnswer;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.http.ResponseFlag;
import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.TestWaypoint;
import dev.culvert.waypoint.peers.Wire;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Nothing is sent on before the phases are done, over HTTP/1. */
@ParameterizedClass
@MethodSource("transports")
@Timeout(60)
@SuppressWarnings("StringConcatToTextBlock") // CR LF, and no other end of a line
final class Http1PhasesTest extends Http1Case {
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
}

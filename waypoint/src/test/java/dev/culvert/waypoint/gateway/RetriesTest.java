// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.peers.Backend;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a TrafficPolicy has sent again. */
@Timeout(120)
final class RetriesTest extends PolicyCase {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "5xx | HTTP/1.1 500 Oops",
        "gateway-error | HTTP/1.1 503 Busy",
        "retriable-4xx | HTTP/1.1 409 Conflict",
        "unavailable | HTTP/1.1 200 OK\\r\\ngrpc-status: 14"
      })
  void retryGoesToAnotherEndpoint(String on, String head) throws IOException {
    Backend bad = answering(head.replace("\\r\\n", "\r\n"));
    Backend good = echo();
    open(
        """
        loadBalancing: {algorithm: RoundRobin}
        retries: {attempts: 1, retryOn: [%s]}
        """
            .formatted(on),
        bad,
        good);
    ask(10);
    assertThat(good.requests()).hasSize(10);
    assertThat(bad.requests()).isNotEmpty();
  }

  @Test
  void retryOfAStatusThatWasNotAskedForIsNone() throws IOException {
    Backend bad = answering("HTTP/1.1 500 Oops");
    open("retries: {attempts: 3, retryOn: [gateway-error]}", bad);
    assertThat(door.ask("GET", "/").status()).isEqualTo(500);
    assertThat(bad.requests()).hasSize(1);
  }

  @Test
  void ruleSaysMoreThanThePolicy() throws IOException {
    Backend bad = answering("HTTP/1.1 503 Busy");
    open(
        "retries: {attempts: 5, retryOn: [5xx]}",
        "  - {retry: {attempts: 1, codes: [503]}, backendRefs: [{name: web, port: 80}]}\n",
        bad);
    assertThat(door.ask("GET", "/").status()).isEqualTo(503);
    assertThat(bad.requests()).hasSize(2);
  }

  @Test
  void perTryTimeout() throws IOException {
    CountDownLatch latch = new CountDownLatch(1);
    Backend slow = holding(latch);
    Backend good = echo();
    open(
        """
        loadBalancing: {algorithm: RoundRobin}
        retries: {attempts: 1, perTryTimeout: 100ms, retryOn: [reset]}
        """,
        slow,
        good);
    ask(4);
    assertThat(good.requests()).hasSize(4);
    assertThat(slow.requests()).isNotEmpty();
    latch.countDown();
  }

  @Test
  void retryBudget() throws IOException {
    Backend bad = answering("HTTP/1.1 503 Busy");
    open("retries: {attempts: 3, retryOn: [5xx], budget: {percent: 0, minConcurrent: 0}}", bad);
    assertThat(door.ask("GET", "/").status()).isEqualTo(503);
    assertThat(bad.requests()).hasSize(1);
  }

  @Test
  void retriesOfOneRequestAreOneOfTheBudget() throws IOException {
    Backend bad = answering("HTTP/1.1 503 Busy");
    open("retries: {attempts: 3, retryOn: [5xx], budget: {percent: 0, minConcurrent: 1}}", bad);
    for (int i = 1; i <= 3; i++) {
      assertThat(door.ask("GET", "/").status()).isEqualTo(503);
      assertThat(bad.requests()).hasSize(4 * i);
    }
  }

  @Test
  void routeSaysWhenItsRequestsAreSentAgain() throws IOException {
    AtomicInteger asked = new AtomicInteger();
    Backend failing =
        backend(
            Backend.of(
                wire -> {
                  while (true) {
                    wire.read();
                    int status = asked.incrementAndGet() % 3 == 0 ? 200 : 503;
                    wire.send("HTTP/1.1 %d x\r\ncontent-length: 0\r\n\r\n".formatted(status));
                  }
                }));
    door.write("again.yaml", ofRoute("again", "web", "retries: {attempts: 2, retryOn: [5xx]}"));
    open("loadBalancing: {algorithm: RoundRobin}", failing);
    assertThat(door.ask("GET", "/").status()).isEqualTo(200);
    assertThat(asked.get()).isEqualTo(3);
  }
}

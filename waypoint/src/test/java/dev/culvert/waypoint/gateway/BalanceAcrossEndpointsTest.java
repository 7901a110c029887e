// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Which endpoint a TrafficPolicy gives a request to, and how many at once. */
@Timeout(120)
final class BalanceAcrossEndpointsTest extends PolicyCase {
  private CompletableFuture<Integer> asking(String path) {
    CompletableFuture<Integer> status = new CompletableFuture<>();
    Thread.ofVirtual().start(() -> status.complete(status(path)));
    return status;
  }

  private int status(String path) {
    try {
      return door.ask("GET", path).status();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void roundRobin() throws IOException {
    Backend one = echo();
    Backend two = echo();
    open("loadBalancing: {algorithm: RoundRobin}", one, two);
    ask(10);
    assertThat(one.requests()).hasSize(5);
    assertThat(two.requests()).hasSize(5);
  }

  @Test
  void leastRequestUnlessSaidOtherwise() throws IOException {
    CountDownLatch latch = new CountDownLatch(1);
    Backend slow = holding(latch);
    Backend quick = echo();
    open("connections: {maxRequests: 100}", slow, quick);
    try (Wire held = door.connect()) {
      while (slow.requests().isEmpty()) {
        int answered = quick.requests().size();
        held.send("GET / HTTP/1.1\r\nHost: a.example.com\r\n\r\n");
        Await.until(
            "it came", () -> !slow.requests().isEmpty() || quick.requests().size() > answered);
        if (slow.requests().isEmpty()) {
          held.read();
        }
      }
      int before = quick.requests().size();
      ask(20);
      assertThat(quick.requests()).hasSize(before + 20);
      latch.countDown();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"RingHash", "Maglev"})
  void sameHeaderSameEndpoint(String algorithm) throws IOException {
    List<Backend> behind = List.of(echo(), echo(), echo());
    open(
        "loadBalancing: {algorithm: %s, hashOn: {header: x-user}}".formatted(algorithm),
        behind.toArray(Backend[]::new));
    for (int user = 0; user < 20; user++) {
      behind.forEach(one -> one.requests().clear());
      ask(3, "X-User: " + user);
      assertThat(behind.stream().filter(one -> !one.requests().isEmpty())).hasSize(1);
    }
  }

  @Test
  void clientIsGivenACookieToStay() throws IOException {
    Backend one = echo();
    Backend two = echo();
    open(
        """
        loadBalancing:
          algorithm: RingHash
          hashOn: {cookie: {name: stay, path: /shop, ttl: 60s}}
        """,
        one,
        two);
    Wire.Message first = door.ask("GET", "/");
    String cookie = first.field("set-cookie").orElseThrow();
    assertThat(cookie).matches("stay=[0-9a-f]+; Max-Age=60; Path=/shop; HttpOnly");
    Backend taker = one.requests().isEmpty() ? two : one;
    for (int i = 0; i < 10; i++) {
      Wire.Message next =
          door.ask("GET", "/", "Cookie: " + cookie.substring(0, cookie.indexOf(';')));
      assertThat(next.field("set-cookie")).isEmpty();
    }
    assertThat(taker.requests()).hasSize(11);
  }

  @Test
  void maxRequestsIsTheCircuitBreaker() throws IOException {
    CountDownLatch latch = new CountDownLatch(1);
    Backend slow = holding(latch);
    open("connections: {maxRequests: 1}", slow);
    try (Wire held = door.connect()) {
      held.send("GET / HTTP/1.1\r\nHost: a.example.com\r\n\r\n");
      Await.until("it is held", () -> slow.requests().size() == 1);
      assertThat(door.ask("GET", "/").status()).isEqualTo(503);
      assertThat(door.metrics()).contains("response_flags=\"UO\"");
      latch.countDown();
      assertThat(held.read().status()).isEqualTo(200);
    }
    ask(3);
  }

  @Test
  void maxConnectionsAndPendingRequests() throws IOException {
    CountDownLatch latch = new CountDownLatch(1);
    Backend slow = holding(latch);
    door.write("web.yaml", TestDoor.service("web", slow));
    door.write(
        "policy.yaml", TestDoor.traffic("connections: {maxConnections: 1, maxPendingRequests: 1}"));
    door.writeGateway("door", "*.example.com", "a.example.com");
    door.openWith(Map.of("workers", "1"));
    try (Wire held = door.connect()) {
      held.send("GET /held HTTP/1.1\r\nHost: a.example.com\r\n\r\n");
      Await.until("it is held", () -> slow.requests().size() == 1);
      List<CompletableFuture<Integer>> others = List.of(asking("/one"), asking("/other"));
      Await.until("one has no place", () -> others.stream().anyMatch(CompletableFuture::isDone));
      latch.countDown();
      assertThat(others.stream().map(CompletableFuture::join)).containsExactlyInAnyOrder(200, 503);
      assertThat(held.read().status()).isEqualTo(200);
    }
    assertThat(slow.connections()).isEqualTo(1);
  }

  @Test
  void maxRequestsPerConnection() throws IOException {
    Backend one = echo();
    open("connections: {maxRequestsPerConnection: 2}", one);
    try (Wire wire = door.connect()) {
      for (int i = 0; i < 6; i++) {
        wire.send("GET / HTTP/1.1\r\nHost: a.example.com\r\n\r\n");
        assertThat(wire.read().status()).isEqualTo(200);
      }
    }
    assertThat(one.connections()).isEqualTo(3);
  }
}

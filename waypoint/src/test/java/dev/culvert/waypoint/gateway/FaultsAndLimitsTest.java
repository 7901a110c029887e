// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.Wire;
import java.io.IOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Faults that a TrafficPolicy makes, and requests that it has too many of. */
@Timeout(120)
final class FaultsAndLimitsTest extends PolicyCase {
  @Test
  void faultAborts() throws IOException {
    Backend one = echo();
    open("faults: {abort: {status: 418}}", one);
    assertThat(door.ask("GET", "/").status()).isEqualTo(418);
    assertThat(one.requests()).isEmpty();
    assertThat(door.metrics()).contains("response_flags=\"FI\"");
  }

  @Test
  void faultAbortsACall() throws IOException {
    Backend one = echo();
    open("faults: {abort: {grpcStatus: 14}}", one);
    Wire.Message answer = door.ask("POST", "/shop.Web/Get", "Content-Type: application/grpc");
    assertThat(answer.status()).isEqualTo(200);
    assertThat(answer.field("grpc-status")).contains("14");
    assertThat(one.requests()).isEmpty();
  }

  @Test
  void faultOfAPercentage() throws IOException {
    Backend one = echo();
    open("faults: {abort: {status: 503, percent: 50}}", one);
    int aborted = 0;
    for (int i = 0; i < 200; i++) {
      aborted += door.ask("GET", "/").status() == 503 ? 1 : 0;
    }
    assertThat(aborted).isBetween(50, 150);
    assertThat(one.requests()).hasSize(200 - aborted);
  }

  @Test
  void delayedRequestIsSentLater() throws IOException {
    Backend one = echo();
    open("faults: {delay: {duration: 100ms}}", one);
    long begun = System.nanoTime();
    try (Wire wire = door.connect()) {
      wire.send("POST / HTTP/1.1\r\nHost: a.example.com\r\nContent-Length: 4\r\n\r\nbody");
      assertThat(wire.read().body()).isEqualTo("POST / HTTP/1.1|body");
    }
    assertThat(System.nanoTime() - begun).isGreaterThan(100_000_000);
  }

  @Test
  void rateLimit() throws IOException {
    Backend one = echo();
    open("rateLimit: {requests: 2, per: 1h, burst: 3}", one);
    ask(3);
    Wire.Message refused = door.ask("GET", "/");
    assertThat(refused.status()).isEqualTo(429);
    assertThat(Integer.parseInt(refused.field("retry-after").orElseThrow())).isBetween(1, 1800);
    assertThat(one.requests()).hasSize(3);
    assertThat(door.metrics()).contains("response_flags=\"RL\"");
  }

  @Test
  void routeHasLimitsOfItsOwn() throws IOException {
    Backend one = echo();
    door.write(
        "shop.yaml",
        TestDoor.route(
            "HTTPRoute",
            "shop",
            """
              - matches: [{path: {type: PathPrefix, value: /shop}}]
                backendRefs: [{name: web, port: 80}]
            """));
    door.write(
        "limit.yaml", ofRoute("limit", "shop", "rateLimit: {requests: 1, per: 1h, burst: 2}"));
    open("rateLimit: {requests: 1000}", one);
    assertThat(door.ask("GET", "/shop").status()).isEqualTo(200);
    assertThat(door.ask("GET", "/shop").status()).isEqualTo(200);
    assertThat(door.ask("GET", "/shop").status()).isEqualTo(429);
    assertThat(door.ask("GET", "/").status()).as("the service's own limit").isEqualTo(200);
    door.write("other.yaml", ofRoute("young", "shop", "rateLimit: {requests: 1000}"));
    door.write("more.yaml", TestDoor.service("more", one));
    assertThat(door.ask("GET", "/shop").status()).as("what was counted counts").isEqualTo(429);
  }
}

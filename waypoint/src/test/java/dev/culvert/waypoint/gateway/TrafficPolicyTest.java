// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.peers.Backend;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Which TrafficPolicy counts, and that a change of it does. */
@Timeout(120)
final class TrafficPolicyTest extends PolicyCase {
  private boolean oneGetsAll(Backend one, Backend two) {
    one.requests().clear();
    two.requests().clear();
    try {
      ask(6, "X-User: ann");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return one.requests().isEmpty() || two.requests().isEmpty();
  }

  @Test
  void olderPolicyCounts() throws IOException {
    Backend one = echo();
    String dated = "name: %s, namespace: shop, creationTimestamp: \"%s\"";
    String old = dated.formatted("z-old", "2026-01-01T00:00:00Z");
    String young = dated.formatted("a-young", "2026-02-01T00:00:00Z");
    String plain = "name: web, namespace: shop";
    door.open(
        TestDoor.service("web", one),
        TestDoor.traffic("connections: {maxRequestsPerConnection: 1}").replace(plain, old),
        TestDoor.traffic("connections: {maxRequestsPerConnection: 9}").replace(plain, young),
        TestDoor.route("HTTPRoute", "web", TO_WEB));
    ask(3);
    assertThat(one.connections()).isEqualTo(3);
  }

  @Test
  void changeOfThePolicyCountsForTheNextRequest() throws IOException {
    Backend one = echo();
    Backend two = echo();
    open("loadBalancing: {algorithm: RoundRobin}", one, two);
    ask(2);
    door.write(
        "more.yaml",
        TestDoor.traffic("loadBalancing: {algorithm: Maglev, hashOn: {header: x-user}}")
            .replace(
                "name: web, namespace: shop",
                "name: first, namespace: shop, creationTimestamp: \"2026-01-01T00:00:00Z\""));
    Await.until("one gets all", () -> oneGetsAll(one, two));
  }
}

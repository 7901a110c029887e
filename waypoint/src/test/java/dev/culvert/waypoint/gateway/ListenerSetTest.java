// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.peers.Backend;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** ListenerSets of the Gateway API, by the text of the specification. */
@Timeout(120)
final class ListenerSetTest {
  @TempDir private Path folder;

  private Backend backend;
  private TestDoor door;

  @BeforeEach
  void start() throws IOException {
    backend = Backend.echo();
    door = new TestDoor(folder);
    door.write("web.yaml", TestDoor.service("team", "web", backend));
  }

  @AfterEach
  void stop() {
    door.close();
    backend.close();
  }

  private void open(String allowed, String host) throws IOException {
    door.write(
        "door.yaml",
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: team, labels: {may: "yes"}}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: door, namespace: shop}
        spec:
          gatewayClassName: culvert-gateway
          allowedListeners: {namespaces: {%s}}
          listeners: [{name: http, port: %d, protocol: HTTP, hostname: a.example.com}]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: ListenerSet
        metadata: {name: more, namespace: team}
        spec:
          parentRef: {name: door, namespace: shop}
          listeners: [{name: http, port: %d, protocol: HTTP, hostname: %s}]
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: web, namespace: team}
        spec:
          parentRefs: [{group: gateway.networking.k8s.io, kind: ListenerSet, name: more}]
          rules: [{backendRefs: [{name: web, port: 80}]}]
        """
            .formatted(allowed, door.address().getPort(), door.address().getPort(), host));
    door.openWith(Map.of());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "from: All | 200",
        "'from: Selector, selector: {matchLabels: {may: \"yes\"}}' | 200",
        "'from: Selector, selector: {matchLabels: {may: \"no\"}}' | 404",
        "from: Same | 404",
        "from: None | 404"
      })
  void whoMayAddListeners(String allowed, int status) throws IOException {
    open(allowed, "b.example.com");
    assertThat(door.askHost("b.example.com", "GET", "/").status()).isEqualTo(status);
  }

  @Test
  void routeOfASetIsForTheListenersOfTheSet() throws IOException {
    open("from: All", "b.example.com");
    assertThat(door.askHost("b.example.com", "GET", "/").status()).isEqualTo(200);
    assertThat(door.askHost("a.example.com", "GET", "/").status()).isEqualTo(404);
  }

  @Test
  void listenerOfTheGatewayGoesBeforeOneOfASet() throws IOException {
    open("from: All", "a.example.com");
    assertThat(door.askHost("a.example.com", "GET", "/").status()).isEqualTo(404);
  }
}

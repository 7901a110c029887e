// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.FreePort;
import dev.culvert.waypoint.peers.SelfSigned;
import dev.culvert.waypoint.peers.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Features of a Gateway's listeners by the text of the specification. */
@Timeout(120)
final class GatewayFeaturesTest {
  @TempDir private Path folder;

  private final SelfSigned identity = SelfSigned.of("web.example.com");
  private Backend backend;
  private TestDoor door;
  private int port;
  private int otherPort;

  @BeforeEach
  void start() throws IOException {
    backend = Backend.echo();
    door = new TestDoor(folder);
    port = door.address().getPort();
    otherPort = FreePort.take();
    door.write("web.yaml", TestDoor.service("shop", "web", backend));
    door.write("tls.yaml", TestDoor.secret("web-tls", identity));
  }

  @AfterEach
  void stop() {
    door.close();
    backend.close();
  }

  private void open(String... yaml) throws IOException {
    door.write("door.yaml", String.join("---\n", yaml));
    door.openWith(Map.of());
  }

  private static String gateway(String... listeners) {
    return """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: door, namespace: shop}
        spec: {gatewayClassName: culvert-gateway, listeners: [%s]}
        """
        .formatted(String.join(", ", listeners));
  }

  private String http(String name, int number, String hostname) {
    return "{name: %s, port: %d, protocol: HTTP%s}"
        .formatted(name, number, hostname.isEmpty() ? "" : ", hostname: \"" + hostname + "\"");
  }

  private String https(String name, String hostname) {
    return "{name: %s, port: %d, protocol: HTTPS, %stls: {certificateRefs: [{name: web-tls}]}}"
        .formatted(name, port, hostname.isEmpty() ? "" : "hostname: \"%s\", ".formatted(hostname));
  }

  /** One that adds its name to what it takes. */
  private static String route(String name, String parent, String hostnames) {
    return """
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: %1$s, namespace: shop}
        spec:
          parentRefs: [{name: door%2$s}]
          %3$s
          rules:
          - filters:
            - {type: ResponseHeaderModifier, responseHeaderModifier: {set: [{name: taken-by, value: %1$s}]}}
            backendRefs: [{name: web, port: 80}]
        """
        .formatted(name, parent, hostnames.isEmpty() ? "" : "hostnames: [" + hostnames + "]");
  }

  /** The route that takes a request for the host, or the status when none does. */
  private String taker(int at, String host) throws IOException {
    try (Wire wire = Wire.to(new InetSocketAddress(InetAddress.getLoopbackAddress(), at))) {
      wire.send("GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n".formatted(host));
      Wire.Message answer = wire.read();
      return answer.field("taken-by").orElse(String.valueOf(answer.status()));
    }
  }

  @Test
  void gatewayHttpListenerIsolation() throws IOException {
    open(
        gateway(
            http("any", port, ""),
            http("wild", port, "*.example.com"),
            http("wilder", port, "*.foo.example.com"),
            http("exact", port, "abc.foo.example.com")),
        route("any", ", sectionName: any", ""),
        route("wild", ", sectionName: wild", ""),
        route("wilder", ", sectionName: wilder", ""),
        route("exact", ", sectionName: exact", ""));
    assertThat(taker(port, "bar.com")).isEqualTo("any");
    assertThat(taker(port, "bar.example.com")).isEqualTo("wild");
    assertThat(taker(port, "bar.foo.example.com")).isEqualTo("wilder");
    assertThat(taker(port, "abc.foo.example.com")).isEqualTo("exact");
  }

  @Test
  void requestOfAMoreSpecificListenerDoesNotFallBackToAnother() throws IOException {
    open(
        gateway(http("wild", port, "*.example.com"), http("exact", port, "a.example.com")),
        route("wild", ", sectionName: wild", ""));
    assertThat(taker(port, "b.example.com")).isEqualTo("wild");
    assertThat(taker(port, "a.example.com")).isEqualTo("404");
  }

  @Test
  void ofTwoListenersThatWantTheSameNeitherIsServed() throws IOException {
    open(
        gateway(
            http("one", port, "a.example.com"),
            http("two", port, "a.example.com"),
            http("other", port, "b.example.com")),
        route("web", "", ""));
    assertThat(taker(port, "a.example.com")).isEqualTo("404");
    assertThat(taker(port, "b.example.com")).isEqualTo("web");
  }

  @Test
  void httpRouteParentRefPort() throws IOException {
    open(
        gateway(http("one", port, ""), http("two", otherPort, "")),
        route("one", ", port: " + port, ""),
        route("two", ", port: " + otherPort, ""));
    assertThat(taker(port, "a.example.com")).isEqualTo("one");
    assertThat(taker(otherPort, "a.example.com")).isEqualTo("two");
  }

  @Test
  void httpRouteSectionNameIsNotThere() throws IOException {
    open(gateway(http("one", port, "")), route("one", ", sectionName: two", ""));
    assertThat(taker(port, "a.example.com")).isEqualTo("404");
  }

  @ParameterizedTest
  @CsvSource({
    "very.specific.com, very.specific.com, very.specific.com, r",
    "very.specific.com, '*.specific.com', very.specific.com, r",
    "very.specific.com, '*.specific.com', other.specific.com, 404",
    "'*.wild.com', foo.wild.com, foo.wild.com, r",
    "'*.wild.com', foo.wild.com, bar.wild.com, 404",
    "'*.wild.com', wild.com, wild.com, 404",
    "'*.wild.com', '*.foo.wild.com', a.foo.wild.com, r",
    "'*.wild.com', '*.foo.wild.com', foo.wild.com, 404",
    "'*.anotherwild.com', '*.anotherwild.com', one.two.anotherwild.com, r",
    "'*.wild.com', other.com, other.com, 404"
  })
  void httpRouteHostnameIntersection(String listener, String route, String host, String taken)
      throws IOException {
    open(gateway(http("one", port, listener)), route("r", "", "\"" + route + "\""));
    assertThat(taker(port, host)).isEqualTo(taken);
  }

  @ParameterizedTest
  @CsvSource({"All, r", "Same, 404"})
  void httpRouteCrossNamespace(String from, String taken) throws IOException {
    open(
        gateway(
            "{name: one, port: %d, protocol: HTTP, allowedRoutes: {namespaces: {from: %s}}}"
                .formatted(port, from)),
        route("r", ", namespace: shop", "")
            .replace("name: r, namespace: shop", "name: r, namespace: team")
            .replace("{name: web, port: 80}", "{name: web, namespace: shop, port: 80}"),
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: ReferenceGrant
        metadata: {name: team, namespace: shop}
        spec:
          from: [{group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: team}]
          to: [{group: "", kind: Service}]
        """);
    assertThat(taker(port, "a.example.com")).isEqualTo(taken);
  }

  @Test
  void httpRouteDisallowedKind() throws IOException {
    open(
        gateway(
            "{name: one, port: %d, protocol: HTTP, allowedRoutes: {kinds: [{kind: GRPCRoute}]}}"
                .formatted(port)),
        route("r", "", ""));
    assertThat(taker(port, "a.example.com")).isEqualTo("404");
  }

  private String takerInTls(String name, String host) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            identity
                .client()
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), port);
    if (!name.isEmpty()) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setServerNames(List.of(new SNIHostName(name)));
      socket.setSSLParameters(parameters);
    }
    try (Wire wire = new Wire(socket)) {
      wire.send("GET / HTTP/1.1\r\nHost: %s\r\nConnection: close\r\n\r\n".formatted(host));
      Wire.Message answer = wire.read();
      return answer.field("taken-by").orElse(String.valueOf(answer.status()));
    }
  }

  @ParameterizedTest
  @CsvSource({
    "a.example.com, a.example.com, exact",
    "b.example.com, c.example.com, wild",
    "B.Example.com, b.example.COM, wild",
    "a.example.com, b.example.com, 421",
    "b.example.com, a.example.com, 421",
    "b.example.com, example.org, 421",
    "example.org, b.example.com, 421",
    "example.org, example.net, any",
    "'', example.net, any",
    "'', a.example.com, 421"
  })
  void gatewayHttpsListenerDetectMisdirectedRequests(String name, String host, String taken)
      throws IOException {
    open(
        gateway(https("any", ""), https("wild", "*.example.com"), https("exact", "a.example.com")),
        route("any", ", sectionName: any", ""),
        route("wild", ", sectionName: wild", ""),
        route("exact", ", sectionName: exact", ""));
    assertThat(takerInTls(name, host)).isEqualTo(taken);
  }

  @Test
  void hostThatNoListenerTakesIsNotMisdirected() throws IOException {
    open(
        gateway(https("wild", "*.example.com"), https("exact", "a.example.com")),
        route("r", "", ""));
    assertThat(takerInTls("a.example.com", "example.org")).isEqualTo("404");
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.SelfSigned;
import dev.culvert.waypoint.peers.Transports;
import dev.culvert.waypoint.peers.Wire;
import dev.culvert.ztunnel.transport.Transport;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** TLSRoute and TCPRoute of the Gateway API, each feature by the text of the specification. */
@ParameterizedClass
@MethodSource("transports")
@Timeout(120)
final class StreamRoutesTest {
  @Parameter Transport transport;
  @TempDir private Path folder;

  private final List<AutoCloseable> opened = new ArrayList<>();
  private TestDoor door;

  static List<Transport> transports() {
    return Transports.all();
  }

  @BeforeEach
  void start() throws IOException {
    door = new TestDoor(folder);
    opened.add(door);
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable one : opened) {
      one.close();
    }
  }

  private void open() throws IOException {
    door.openWith(Map.of("transport", transport.name().replace('_', '-')));
  }

  private Backend backend(Backend.Script script) throws IOException {
    Backend backend = Backend.of(script);
    opened.add(backend);
    return backend;
  }

  private Backend echo() throws IOException {
    return backend(
        wire -> {
          String all = wire.rest();
          wire.send("got " + all);
        });
  }

  private String gateway(String... listeners) {
    return """
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: Gateway
    metadata: {name: door, namespace: shop}
    spec: {gatewayClassName: culvert-gateway, listeners: [%s]}
    """
        .formatted(String.join(", ", listeners));
  }

  private String listener(String name, String hostname) {
    return "{name: %s, port: %d, protocol: TLS, hostname: \"%s\", tls: {mode: Passthrough}}"
        .formatted(name, door.address().getPort(), hostname);
  }

  private String tcpListener() {
    return "{name: tcp, port: %d, protocol: TCP}".formatted(door.address().getPort());
  }

  private static String route(String kind, String name, String spec, String backends) {
    return """
    ---
    apiVersion: gateway.networking.k8s.io/v1alpha2
    kind: %s
    metadata: {name: %s, namespace: shop}
    spec:
      parentRefs: [{name: door}]
      %s
      rules: [{backendRefs: [%s]}]
    """
        .formatted(kind, name, spec, backends);
  }

  private static String to(String service) {
    return "{name: %s, port: 80}".formatted(service);
  }

  private static String tlsRoute(String name, String hostname) {
    return route("TLSRoute", name, "hostnames: [\"" + hostname + "\"]", to(name));
  }

  private static String tcpRoute(String backends) {
    return route("TCPRoute", "tcp", "", backends);
  }

  /** A TLS server that says its name to each client; returns its port. */
  private int tlsServer(String name, SelfSigned identity) throws IOException {
    SSLServerSocket server =
        (SSLServerSocket)
            identity
                .server()
                .getServerSocketFactory()
                .createServerSocket(0, 10, InetAddress.getLoopbackAddress());
    opened.add(server);
    Thread.ofVirtual()
        .start(
            () -> {
              while (!server.isClosed()) {
                try (Wire client = new Wire(server.accept())) {
                  client.send("I am " + name + ", you are " + client.line() + "\n");
                } catch (IOException e) {
                  // A client that did not like us.
                }
              }
            });
    return server.getLocalPort();
  }

  private String say(SelfSigned trusted, String name) throws IOException {
    SSLSocket socket =
        (SSLSocket)
            trusted
                .client()
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), door.address().getPort());
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setServerNames(List.of(new SNIHostName(name)));
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    try (Wire wire = new Wire(socket)) {
      return wire.send("ann\n").line();
    }
  }

  @Test
  void tlsRoutePassesThroughByServerName() throws IOException {
    SelfSigned a = SelfSigned.of("a.example.com");
    SelfSigned any = SelfSigned.of("b.c.example.com");
    door.write("a.yaml", TestDoor.service("shop", "a", tlsServer("a", a)));
    door.write("any.yaml", TestDoor.service("shop", "any", tlsServer("any", any)));
    door.write(
        "door.yaml",
        gateway(listener("tls", "*.example.com"))
            + tlsRoute("any", "*.example.com")
            + tlsRoute("a", "a.example.com"));
    open();
    assertThat(say(a, "a.example.com")).isEqualTo("I am a, you are ann");
    assertThat(say(any, "b.c.example.com")).isEqualTo("I am any, you are ann");
    Await.until("it is counted", () -> isTold("istio_tcp_connections_opened_total"));
  }

  private boolean isTold(String metric) {
    try {
      return door.metrics().contains(metric);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void tlsRouteHostnameIntersection() throws IOException {
    SelfSigned a = SelfSigned.of("a.example.com");
    door.write("a.yaml", TestDoor.service("shop", "a", tlsServer("a", a)));
    door.write(
        "door.yaml", gateway(listener("tls", "a.example.com")) + tlsRoute("a", "*.example.com"));
    open();
    assertThat(say(a, "a.example.com")).isEqualTo("I am a, you are ann");
    assertThatThrownBy(() -> say(a, "b.example.com")).isInstanceOf(IOException.class);
  }

  @Test
  void httpsAndPassthroughShareAPort() throws IOException {
    SelfSigned a = SelfSigned.of("a.example.com");
    SelfSigned web = SelfSigned.of("web.example.com");
    Backend http = Backend.echo();
    opened.add(http);
    door.write("a.yaml", TestDoor.service("shop", "a", tlsServer("a", a)));
    door.write("web.yaml", TestDoor.service("shop", "web", http));
    door.write("secret.yaml", TestDoor.secret("web-tls", web));
    door.write(
        "door.yaml",
        gateway(
                listener("tls", "a.example.com"),
                ("{name: https, port: %d, protocol: HTTPS, hostname: web.example.com,"
                        + " tls: {certificateRefs: [{name: web-tls}]}}")
                    .formatted(door.address().getPort()))
            + tlsRoute("a", "a.example.com")
            + TestDoor.route("HTTPRoute", "web", "  - backendRefs: [{name: web, port: 80}]\n"));
    open();
    assertThat(say(a, "a.example.com")).isEqualTo("I am a, you are ann");
    SSLSocket socket =
        (SSLSocket)
            web.client()
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), door.address().getPort());
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setServerNames(List.of(new SNIHostName("web.example.com")));
    parameters.setEndpointIdentificationAlgorithm("HTTPS");
    socket.setSSLParameters(parameters);
    try (Wire wire = new Wire(socket)) {
      wire.send("GET /a HTTP/1.1\r\nHost: web.example.com\r\n\r\n");
      assertThat(wire.read().body()).isEqualTo("GET /a HTTP/1.1|");
    }
  }

  @Test
  void tcpRouteCarriesHalfCloses() throws IOException {
    door.write("web.yaml", TestDoor.service("web", echo()));
    door.write("door.yaml", gateway(tcpListener()) + tcpRoute(to("web")));
    open();
    String body = "0123456789".repeat(200_000);
    try (Wire wire = door.connect()) {
      wire.send(body);
      wire.endOutput();
      assertThat(wire.rest()).isEqualTo("got " + body);
    }
  }

  @Test
  void tcpRouteOfAServerThatSpeaksFirst() throws IOException {
    Backend greeter =
        backend(
            wire -> {
              wire.send("hello\n");
              wire.send("you said " + wire.line() + "\n");
            });
    door.write("web.yaml", TestDoor.service("web", greeter));
    door.write("door.yaml", gateway(tcpListener()) + tcpRoute(to("web")));
    open();
    try (Wire wire = door.connect()) {
      assertThat(wire.line()).isEqualTo("hello");
      wire.send("good bye\n");
      assertThat(wire.line()).isEqualTo("you said good bye");
      assertThat(wire.isEnded()).isTrue();
    }
  }

  @Test
  void tcpRouteGoesPastAnEndpointThatIsGone() throws IOException {
    Backend gone = Backend.echo();
    gone.close();
    door.write("web.yaml", TestDoor.service("web", gone, echo()));
    door.write(
        "door.yaml",
        gateway(tcpListener())
            + tcpRoute(to("web"))
            + TestDoor.traffic("loadBalancing: {algorithm: RoundRobin}"));
    open();
    for (int i = 0; i < 4; i++) {
      assertThat(say("x")).isEqualTo("got x");
    }
  }

  private String say(String text) {
    try (Wire wire = door.connect()) {
      wire.send(text);
      wire.endOutput();
      return wire.rest();
    } catch (IOException e) {
      return "refused";
    }
  }

  @Test
  void tcpListenerWithoutARouteRefuses() throws IOException {
    door.write("door.yaml", gateway(tcpListener()));
    open();
    assertThat(say("x")).isIn("refused", "");
  }

  private static String policy(String spec) {
    return TestDoor.policy(
        "shop",
        "p",
        "targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: door}], " + spec);
  }

  @Test
  void policyJudgesConnections() throws IOException {
    door.write("web.yaml", TestDoor.service("web", echo()));
    door.write(
        "door.yaml",
        gateway(tcpListener())
            + tcpRoute(to("web"))
            + policy("rules: [{from: [{source: {ipBlocks: [127.0.0.0/8]}}]}]"));
    open();
    assertThat(say("x")).isEqualTo("got x");
    int port = door.address().getPort();
    for (String denying :
        List.of(
            "rules: [{from: [{source: {ipBlocks: [198.18.0.0/15]}}]}]",
            "rules: [{to: [{operation: {methods: [GET]}}]}]",
            "action: DENY, rules: [{to: [{operation: {ports: ['%d']}}]}]".formatted(port),
            "action: DENY, rules: [{to: [{operation: {paths: [/admin]}}]}]",
            "action: CUSTOM, provider: {name: opa}, rules: [{}]")) {
      door.write("door.yaml", gateway(tcpListener()) + tcpRoute(to("web")) + policy(denying));
      Await.until(denying, () -> !say("x").equals("got x"));
      door.write("door.yaml", gateway(tcpListener()) + tcpRoute(to("web")));
      Await.until("without it", () -> say("x").equals("got x"));
    }
  }

  @Test
  void policyJudgesWhatIsPassedThroughByItsServerName() throws IOException {
    SelfSigned a = SelfSigned.of("a.example.com");
    SelfSigned b = SelfSigned.of("b.example.com");
    door.write("a.yaml", TestDoor.service("shop", "a", tlsServer("a", a)));
    door.write("b.yaml", TestDoor.service("shop", "b", tlsServer("b", b)));
    door.write(
        "door.yaml",
        gateway(listener("tls", "*.example.com"))
            + tlsRoute("a", "a.example.com")
            + tlsRoute("b", "b.example.com")
            + policy("action: DENY, rules: [{when: [{key: connection.sni, values: [b.*]}]}]"));
    open();
    assertThat(say(a, "a.example.com")).isEqualTo("I am a, you are ann");
    assertThatThrownBy(() -> say(b, "b.example.com")).isInstanceOf(IOException.class);
  }

  @Test
  void connectionThatIsForbiddenLaterEnds() throws IOException {
    door.write("web.yaml", TestDoor.service("web", echo()));
    door.write("door.yaml", gateway(tcpListener()) + tcpRoute(to("web")));
    open();
    try (Wire wire = door.connect()) {
      wire.send("x");
      Await.until("it is open", () -> isTold("istio_tcp_connections_opened_total"));
      door.write("policy.yaml", policy("action: DENY, rules: [{}]"));
      assertThat(wire.isEnded()).isTrue();
    }
  }

  @Test
  void routeThatChangesCountsForTheNextConnection() throws IOException {
    door.write("web.yaml", TestDoor.service("web", echo()));
    door.write("other.yaml", TestDoor.service("other", backend(wire -> wire.send("other"))));
    door.write("door.yaml", gateway(tcpListener()) + tcpRoute(to("web")));
    open();
    try (Wire before = door.connect()) {
      before.send("a");
      door.write("door.yaml", gateway(tcpListener()) + tcpRoute(to("other")));
      Await.until("the other is asked", () -> say("x").equals("other"));
      before.endOutput();
      assertThat(before.rest()).as("what is open goes on").isEqualTo("got a");
    }
  }
}

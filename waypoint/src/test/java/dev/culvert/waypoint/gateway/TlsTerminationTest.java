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

/** Listeners of protocol TLS with mode Terminate: TLS ends here, what is in it is carried. */
@ParameterizedClass
@MethodSource("transports")
@Timeout(120)
final class TlsTerminationTest {
  @Parameter Transport transport;
  @TempDir private Path folder;

  private final List<AutoCloseable> opened = new ArrayList<>();
  private final SelfSigned own = SelfSigned.of("a.example.com");
  private TestDoor door;

  static List<Transport> transports() {
    return Transports.all();
  }

  @BeforeEach
  void start() throws IOException {
    door = new TestDoor(folder);
    opened.add(door);
    door.write("secret.yaml", TestDoor.secret("tls", own));
  }

  @AfterEach
  void stop() throws Exception {
    for (AutoCloseable one : opened) {
      one.close();
    }
  }

  private void open(String more, String routes) throws IOException {
    door.write("door.yaml", gateway(more, listener("tls", "*.example.com")) + routes);
    door.openWith(Map.of("transport", transport.name().replace('_', '-')));
  }

  private static String gateway(String more, String... listeners) {
    return """
    apiVersion: gateway.networking.k8s.io/v1
    kind: Gateway
    metadata: {name: door, namespace: shop}
    spec: {gatewayClassName: culvert-gateway, listeners: [%s]%s}
    """
        .formatted(String.join(", ", listeners), more);
  }

  private String listener(String name, String hostname) {
    return "{name: %s, port: %d, protocol: TLS, hostname: \"%s\", tls: {certificateRefs: [{name: tls}]}}"
        .formatted(name, door.address().getPort(), hostname);
  }

  private static String route(String kind, String name, String hostnames) {
    return """
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: %s
    metadata: {name: %s, namespace: shop}
    spec:
      parentRefs: [{name: door}]
      %s
      rules: [{backendRefs: [{name: %s, port: 80}]}]
    """
        .formatted(kind, name, hostnames, name);
  }

  private Backend service(String name, Backend.Script script) throws IOException {
    Backend backend = Backend.of(script);
    opened.add(backend);
    door.write(name + ".yaml", TestDoor.service("shop", name, backend));
    return backend;
  }

  private Wire client(String name, SelfSigned... certificate) throws IOException {
    SelfSigned shown = certificate.length == 0 ? null : certificate[0];
    SSLSocket socket =
        (SSLSocket)
            own.client(shown)
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), door.address().getPort());
    SSLParameters parameters = socket.getSSLParameters();
    parameters.setServerNames(List.of(new SNIHostName(name)));
    socket.setSSLParameters(parameters);
    return new Wire(socket);
  }

  private String say(String name) throws IOException {
    try (Wire wire = client(name)) {
      return wire.send("ann\n").line();
    }
  }

  private static Backend.Script named(String name) {
    return wire -> wire.send("I am " + name + ", you are " + wire.line() + "\n");
  }

  @Test
  void tcpRouteOfATlsListener() throws IOException {
    service("web", named("web"));
    open("", route("TCPRoute", "web", ""));
    assertThat(say("a.example.com")).isEqualTo("I am web, you are ann");
    assertThat(say("b.example.com")).isEqualTo("I am web, you are ann");
    assertThatThrownBy(() -> say("a.example.org")).isInstanceOf(IOException.class);
  }

  @Test
  void tlsRouteChoosesByServerName() throws IOException {
    service("web", named("web"));
    service("vault", named("vault"));
    open(
        "",
        route("TCPRoute", "web", "")
            + route("TLSRoute", "vault", "hostnames: [vault.example.com]"));
    assertThat(say("vault.example.com")).isEqualTo("I am vault, you are ann");
    assertThat(say("a.example.com")).isEqualTo("I am web, you are ann");
  }

  @Test
  void listenerWithoutARouteRefuses() throws IOException {
    open("", "");
    assertThatThrownBy(() -> say("a.example.com")).isInstanceOf(IOException.class);
  }

  @Test
  void serverThatSpeaksFirstAndLast() throws IOException {
    service(
        "web",
        wire -> {
          wire.send("hello\n");
          wire.send("you said " + wire.line() + "\n");
        });
    open("", route("TCPRoute", "web", ""));
    try (Wire wire = client("a.example.com")) {
      assertThat(wire.line()).isEqualTo("hello");
      wire.send("good bye\n");
      assertThat(wire.rest()).isEqualTo("you said good bye\n");
    }
  }

  @Test
  void bulkPassesInBothDirections() throws IOException {
    String body = "0123456789".repeat(400_000);
    service(
        "web",
        wire -> {
          String got = wire.text(body.length());
          wire.send(got);
        });
    open("", route("TCPRoute", "web", ""));
    try (Wire wire = client("a.example.com")) {
      Thread sending = Thread.ofVirtual().start(() -> sendAll(wire, body));
      assertThat(wire.rest()).isEqualTo(body);
      sending.interrupt();
    }
  }

  private static void sendAll(Wire wire, String body) {
    try {
      wire.send(body);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void whatAClientSentBeforeItLeftArrives() throws IOException {
    List<String> got = new ArrayList<>();
    service(
        "web",
        wire -> {
          String all = wire.rest();
          synchronized (got) {
            got.add(all);
          }
        });
    open("", route("TCPRoute", "web", ""));
    String lines = "a line of a log\n".repeat(20_000);
    try (Wire wire = client("a.example.com")) {
      wire.send(lines);
    }
    Await.until(
        "all arrived",
        () -> {
          synchronized (got) {
            return got.equals(List.of(lines));
          }
        });
  }

  @Test
  void resetOfABackendIsNoOrderlyEnd() throws IOException {
    service(
        "web",
        wire -> {
          wire.send("half of it\n");
          wire.line();
          wire.reset();
        });
    open("", route("TCPRoute", "web", ""));
    try (Wire wire = client("a.example.com")) {
      assertThat(wire.line()).isEqualTo("half of it");
      wire.send("go\n");
      assertThatThrownBy(wire::rest).isInstanceOf(IOException.class);
    }
  }

  @Test
  void policyAsksForTheClientsCertificate() throws IOException {
    SelfSigned ann = SelfSigned.ofUri("spiffe://cluster.local/ns/shop/sa/ann");
    SelfSigned bob = SelfSigned.ofUri("spiffe://cluster.local/ns/shop/sa/bob");
    service("web", named("web"));
    door.write("ca.yaml", TestDoor.authorities("clients", ann, bob));
    door.write(
        "policy.yaml",
        TestDoor.policy(
            "shop",
            "ann",
            "targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: door}], rules:"
                + " [{from: [{source: {principals: [cluster.local/ns/shop/sa/ann]}}],"
                + " when: [{key: connection.sni, values: [a.example.com]}]}]"));
    open(
        ", tls: {frontend: {default: {validation: {caCertificateRefs:"
            + " [{group: \"\", kind: ConfigMap, name: clients}]}}}}",
        route("TCPRoute", "web", ""));
    try (Wire wire = client("a.example.com", ann)) {
      assertThat(wire.send("ann\n").line()).isEqualTo("I am web, you are ann");
    }
    assertThatThrownBy(() -> client("a.example.com", bob).send("bob\n").line())
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> client("b.example.com", ann).send("ann\n").line())
        .isInstanceOf(IOException.class);
    assertThatThrownBy(() -> client("a.example.com").send("eve\n").line())
        .isInstanceOf(IOException.class);
  }

  @Test
  void tlsIsBegunAnewToABackendThatWantsIt() throws IOException {
    SelfSigned backend = SelfSigned.of("web.internal");
    SSLServerSocket server =
        (SSLServerSocket)
            backend
                .server()
                .getServerSocketFactory()
                .createServerSocket(0, 10, InetAddress.getLoopbackAddress());
    opened.add(server);
    Thread.ofVirtual().start(() -> serve(server));
    door.write("web.yaml", TestDoor.service("shop", "web", server.getLocalPort()));
    door.write("ca.yaml", TestDoor.authorities("ca", backend));
    door.write(
        "tls.yaml",
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: BackendTLSPolicy
        metadata: {name: web, namespace: shop}
        spec:
          targetRefs: [{group: "", kind: Service, name: web}]
          validation: {caCertificateRefs: [{group: "", kind: ConfigMap, name: ca}], hostname: web.internal}
        """);
    open("", route("TCPRoute", "web", ""));
    assertThat(say("a.example.com")).isEqualTo("I am secret, you are ann");
    door.write("ca.yaml", TestDoor.authorities("ca", own));
    Await.until("nothing goes to who cannot prove itself", this::isRefused);
  }

  private boolean isRefused() {
    try {
      return !say("a.example.com").startsWith("I am");
    } catch (IOException e) {
      return true;
    }
  }

  private static void serve(SSLServerSocket server) {
    while (!server.isClosed()) {
      try (Wire client = new Wire(server.accept())) {
        named("secret").run(client);
      } catch (IOException e) {
        // A client that did not like us, or the end.
      }
    }
  }
}

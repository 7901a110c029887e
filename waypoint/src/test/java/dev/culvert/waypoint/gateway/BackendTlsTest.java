// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.peers.SelfSigned;
import dev.culvert.waypoint.peers.Wire;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import javax.net.ssl.SSLServerSocket;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** BackendTLSPolicy of the Gateway API, by the text of the specification. */
@Timeout(120)
final class BackendTlsTest {
  @TempDir private Path folder;

  private final SelfSigned identity = SelfSigned.of("web.internal");
  private final List<String> requests = new CopyOnWriteArrayList<>();
  private SSLServerSocket server;
  private TestDoor door;

  @BeforeEach
  void start() throws IOException {
    server =
        (SSLServerSocket)
            identity
                .server()
                .getServerSocketFactory()
                .createServerSocket(0, 10, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
    door = new TestDoor(folder);
    door.writeGateway("door", "*.example.com", "a.example.com");
    door.write("web.yaml", TestDoor.service("shop", "web", server.getLocalPort()));
    door.write("ca.yaml", TestDoor.authorities("ca", identity));
  }

  @AfterEach
  void stop() throws IOException {
    door.close();
    server.close();
  }

  private void accept() {
    while (!server.isClosed()) {
      try {
        SSLSocket socket = (SSLSocket) server.accept();
        Thread.ofVirtual().start(() -> serve(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private void serve(SSLSocket socket) {
    try (Wire wire = new Wire(socket)) {
      while (true) {
        requests.add(wire.read().line());
        wire.send("HTTP/1.1 200 OK\r\ncontent-length: 6\r\n\r\nsecret");
      }
    } catch (IOException e) {
      // The proxy did not like us, or left.
    }
  }

  private static String policy(String validation) {
    return """
    apiVersion: gateway.networking.k8s.io/v1
    kind: BackendTLSPolicy
    metadata: {name: web, namespace: shop}
    spec:
      targetRefs: [{group: "", kind: Service, name: web}]
      validation: {%s}
    """
        .formatted(validation);
  }

  private static String byAuthority(String name, String more) {
    return policy(
        "caCertificateRefs: [{group: \"\", kind: ConfigMap, name: %s}], %s".formatted(name, more));
  }

  private void open(String policy) throws IOException {
    door.write("policy.yaml", policy);
    door.openWith(Map.of());
  }

  private int status() {
    try {
      return door.ask("GET", "/").status();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void backendTlsPolicy() throws IOException {
    open(byAuthority("ca", "hostname: web.internal"));
    assertThat(door.ask("GET", "/a").body()).isEqualTo("secret");
    assertThat(requests).containsExactly("GET /a HTTP/1.1");
  }

  @Test
  void policyThatCannotBeReadLetsNothingThrough() throws IOException {
    open(policy("wellKnownCACertificates: Systen, hostname: web.internal"));
    assertThat(status()).isEqualTo(500);
    assertThat(requests).isEmpty();
  }

  @Test
  void backendThatProvesAnotherNameGetsNothing() throws IOException {
    open(byAuthority("ca", "hostname: other.internal"));
    assertThat(status()).isEqualTo(503);
    assertThat(requests).isEmpty();
  }

  @Test
  void backendOfAnotherAuthorityGetsNothing() throws IOException {
    door.write("other.yaml", TestDoor.authorities("other", SelfSigned.of("web.internal")));
    open(byAuthority("other", "hostname: web.internal"));
    assertThat(status()).isEqualTo(503);
    assertThat(requests).isEmpty();
  }

  @Test
  void backendTlsPolicySanValidation() throws IOException {
    open(
        byAuthority(
            "ca",
            "hostname: asked.internal, subjectAltNames: [{type: URI, uri: 'spiffe://a/b'},"
                + " {type: Hostname, hostname: web.internal}]"));
    assertThat(status()).isEqualTo(200);
    door.write(
        "policy.yaml",
        byAuthority(
            "ca",
            "hostname: web.internal,"
                + " subjectAltNames: [{type: Hostname, hostname: other.internal}]"));
    Await.until("it proves no name that is wanted", () -> status() == 503);
  }

  @Test
  void policyWhoseAuthorityIsMissingLetsNothingThrough() throws IOException {
    open(byAuthority("missing", "hostname: web.internal"));
    assertThat(status()).isEqualTo(500);
    door.write("missing.yaml", TestDoor.authorities("missing", identity));
    Await.until("it is there", () -> status() == 200);
  }

  @Test
  void authoritiesOfTheMachineDoNotKnowIt() throws IOException {
    open(policy("wellKnownCACertificates: System, hostname: web.internal"));
    assertThat(status()).isEqualTo(503);
    assertThat(requests).isEmpty();
  }

  @Test
  void connectionsOutliveAChangeOfOtherResources() throws IOException {
    open(byAuthority("ca", "hostname: web.internal"));
    assertThat(status()).isEqualTo(200);
    door.write("more.yaml", TestDoor.service("shop", "more", server.getLocalPort()));
    assertThat(status()).isEqualTo(200);
  }

  @Test
  void healthIsAskedInTls() throws IOException {
    door.write(
        "traffic.yaml", TestDoor.traffic("healthCheck: {interval: 20ms, http: {path: /healthz}}"));
    open(byAuthority("ca", "hostname: web.internal"));
    Await.until("it is asked", () -> requests.contains("GET /healthz HTTP/1.1"));
  }

  /** From now on the service is one that wants a certificate of this client. */
  private void wantsCertificate(SelfSigned client) throws IOException {
    server.close();
    server =
        (SSLServerSocket)
            client
                .client(identity)
                .getServerSocketFactory()
                .createServerSocket(0, 10, InetAddress.getLoopbackAddress());
    server.setNeedClientAuth(true);
    Thread.ofVirtual().start(this::accept);
    door.write("web.yaml", TestDoor.service("shop", "web", server.getLocalPort()));
  }

  private void showing(String secret) throws IOException {
    showing("door", secret);
  }

  private void showing(String gateway, String secret) throws IOException {
    String file = gateway + ".yaml";
    String written = Files.readString(folder.resolve(file), US_ASCII);
    door.write(
        file,
        written.replace(
            "gatewayClassName: culvert-gateway",
            "gatewayClassName: culvert-gateway\n  tls: {backend: {clientCertificateRef: {%s}}}"
                .formatted(secret)));
  }

  @Test
  void gatewayBackendClientCertificate() throws IOException {
    SelfSigned client = SelfSigned.of("door.example.com");
    wantsCertificate(client);
    open(byAuthority("ca", "hostname: web.internal"));
    assertThat(status()).as("it shows none").isEqualTo(503);
    showing("name: door-tls");
    Await.until("it has none to show", () -> status() == 500);
    door.write("secret.yaml", TestDoor.secret("door-tls", client));
    Await.until("it shows it", () -> status() == 200);
    door.write("secret.yaml", TestDoor.secret("door-tls", SelfSigned.of("door.example.com")));
    Await.until("it shows another", () -> status() == 503);
  }

  @Test
  void certificateOfAnotherNamespaceNeedsAGrant() throws IOException {
    SelfSigned client = SelfSigned.of("door.example.com");
    wantsCertificate(client);
    showing("name: door-tls, namespace: keys");
    door.write(
        "secret.yaml",
        TestDoor.secret("door-tls", client).replace("namespace: shop", "namespace: keys"));
    open(byAuthority("ca", "hostname: web.internal"));
    assertThat(status()).isEqualTo(500);
    door.write(
        "grant.yaml",
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: ReferenceGrant
        metadata: {name: doors, namespace: keys}
        spec:
          from: [{group: gateway.networking.k8s.io, kind: Gateway, namespace: shop}]
          to: [{group: "", kind: Secret}]
        """);
    Await.until("it is allowed", () -> status() == 200);
  }

  private double healthChecks(String outcome) {
    String start = "culvert_health_checks_total{";
    try {
      return door.metrics()
          .lines()
          .filter(line -> line.startsWith(start) && line.contains("\"" + outcome + "\""))
          .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
          .sum();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void backendIsAskedAboutHealthWithTheCertificateOfEachGateway() throws IOException {
    SelfSigned liked = SelfSigned.of("door.example.com");
    wantsCertificate(liked);
    showing("name: door-tls");
    door.write("secret.yaml", TestDoor.secret("door-tls", liked));
    door.writeGateway("other", "*.example.org", "a.example.org");
    showing("other", "name: other-tls");
    door.write("other-secret.yaml", TestDoor.secret("other-tls", SelfSigned.of("b.example.com")));
    door.write(
        "traffic.yaml", TestDoor.traffic("healthCheck: {interval: 20ms, http: {path: /healthz}}"));
    open(byAuthority("ca", "hostname: web.internal"));
    Await.until("both ask", () -> healthChecks("good") > 0 && healthChecks("bad") > 0);
    assertThat(status()).isEqualTo(200);
    assertThat(door.askHost("a.example.org", "GET", "/").status()).isEqualTo(503);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.waypoint.peers.Backend;
import dev.culvert.waypoint.peers.SelfSigned;
import dev.culvert.waypoint.peers.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Certificates of clients (Gateway API, GatewayFrontendClientCertificateValidation). */
@Timeout(120)
final class ClientCertificatesTest {
  private static final String ANN = "spiffe://example.com/ns/team/sa/ann";

  @TempDir private Path folder;

  private final SelfSigned identity = SelfSigned.of("web.example.com");
  private final SelfSigned ann = SelfSigned.ofUri(ANN);
  private final SelfSigned stranger = SelfSigned.ofUri("spiffe://example.com/ns/team/sa/bob");
  private Backend backend;
  private TestDoor door;

  @BeforeEach
  void start() throws IOException {
    backend = Backend.echo();
    door = new TestDoor(folder);
    door.write("web.yaml", TestDoor.service("shop", "web", backend));
    door.write(
        "secret.yaml",
        """
        apiVersion: v1
        kind: Secret
        metadata: {name: web-tls, namespace: shop}
        type: kubernetes.io/tls
        stringData:
          tls.crt: |
        %s
          tls.key: |
        %s
        """
            .formatted(identity.certificatePem().indent(4), identity.keyPem().indent(4)));
    door.write(
        "clients.yaml",
        """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: clients, namespace: shop}
        data:
          ca.crt: |
        %s
        """
            .formatted(ann.certificatePem().indent(4)));
  }

  @AfterEach
  void stop() {
    door.close();
    backend.close();
  }

  private void open(String frontend, String... more) throws IOException {
    door.write(
        "door.yaml",
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: door, namespace: shop}
        spec:
          gatewayClassName: culvert-gateway
          tls: {frontend: %s}
          listeners:
            - name: https
              port: %d
              protocol: HTTPS
              tls: {certificateRefs: [{name: web-tls}]}
        """
                .formatted(frontend, door.address().getPort())
            + TestDoor.route("HTTPRoute", "web", "  - backendRefs: [{name: web, port: 80}]\n")
            + String.join("", more));
    door.openWith(Map.of());
  }

  private static String validation(String name, String mode) {
    return "{validation: {mode: %s, caCertificateRefs: [{group: '', kind: ConfigMap, name: %s}]}}"
        .formatted(mode, name);
  }

  private static String byDefault(String name, String mode) {
    return "{default: " + validation(name, mode) + "}";
  }

  /** The status, or 0 when the handshake failed. */
  private int ask(@Nullable SelfSigned client) {
    try (SSLSocket socket =
        (SSLSocket)
            identity
                .client(client)
                .getSocketFactory()
                .createSocket(InetAddress.getLoopbackAddress(), door.address().getPort())) {
      SSLParameters parameters = socket.getSSLParameters();
      parameters.setServerNames(List.of(new SNIHostName("web.example.com")));
      socket.setSSLParameters(parameters);
      try (Wire wire = new Wire(socket)) {
        wire.send("GET / HTTP/1.1\r\nHost: web.example.com\r\nX-Envoy-Internal: true\r\n\r\n");
        return wire.read().status();
      }
    } catch (IOException e) {
      return 0;
    }
  }

  @Test
  void onlyTrustedClientsComeIn() throws IOException {
    open(byDefault("clients", "AllowValidOnly"));
    assertThat(ask(ann)).isEqualTo(200);
    assertThat(ask(null)).isZero();
    assertThat(ask(stranger)).isZero();
    assertThat(backend.requests()).hasSize(1);
    assertThat(backend.requests().getFirst().field("x-envoy-internal"))
        .as("a client with a certificate is no proxy of the mesh")
        .isEmpty();
  }

  @Test
  void policiesKnowWhoTheClientIs() throws IOException {
    open(
        byDefault("clients", "AllowValidOnly"),
        TestDoor.policy(
            "shop",
            "ann",
            "targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: door}],"
                + " action: DENY, rules: [{from: [{source: {principals:"
                + " [example.com/ns/team/sa/ann]}}],"
                + " when: [{key: connection.sni, values: [web.example.com]}]}]"));
    assertThat(ask(ann)).isEqualTo(403);
  }

  @Test
  void fallbackLetsEverybodyInAndBelievesNobody() throws IOException {
    open(
        byDefault("clients", "AllowInsecureFallback"),
        TestDoor.policy(
            "shop",
            "somebody",
            "targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: door}],"
                + " action: DENY, rules: [{from: [{source: {principals: ['*']}}]}]"));
    assertThat(ask(ann)).isEqualTo(200);
    assertThat(ask(null)).isEqualTo(200);
    assertThat(ask(stranger)).isEqualTo(200);
  }

  @Test
  void portGoesBeforeTheDefault() throws IOException {
    open(
        "{default: %s, perPort: [{port: %d, tls: {}}]}"
            .formatted(validation("clients", "AllowValidOnly"), door.address().getPort()));
    assertThat(ask(null)).isEqualTo(200);
  }

  @Test
  void missingAuthorityClosesTheListener() throws IOException {
    open(byDefault("missing", "AllowValidOnly"));
    assertThat(ask(ann)).isZero();
    assertThat(ask(null)).isZero();
  }
}

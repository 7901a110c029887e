// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is said of routes for what they send to. */
class BackendVerdictsTest {
  private final JudgedMesh mesh = new JudgedMesh();

  @BeforeEach
  void open() {
    mesh.apply(
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: door, namespace: shop}
        spec:
          gatewayClassName: culvert-gateway
          listeners:
            - {name: web, port: 80, protocol: HTTP}
            - {name: raw, port: 81, protocol: TCP}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: cart, namespace: shop}
        spec: {clusterIP: 198.18.1.1, ports: [{port: 80}]}
        """);
  }

  private void route(String kind, String rules) {
    mesh.apply(
        """
        apiVersion: gateway.networking.k8s.io/%s
        kind: %s
        metadata: {name: r, namespace: shop}
        spec: {parentRefs: [{name: door}], rules: [%s]}
        """
            .formatted(kind.equals("TCPRoute") ? "v1alpha2" : "v1", kind, rules));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "HTTPRoute | {kind: Bucket, group: example.com, name: b} | requests get 500",
        "GRPCRoute | {kind: Bucket, name: b, port: 80} | requests get 500",
        "HTTPRoute | {kind: Service, group: example.com, name: cart, port: 80} | requests get 500",
        "TCPRoute | {kind: Bucket, name: b} | connections are refused"
      })
  void routeToAnUnknownKindIsAttachedAndToldSo(String kind, String backend, String loss) {
    route(kind, "{backendRefs: [%s]}".formatted(backend));
    assertThat(mesh.conditions(kind, "r"))
        .containsExactly("Accepted=true Accepted", "ResolvedRefs=false InvalidKind");
    assertThat(JudgedMesh.message(mesh.route(kind, "r").conditions(), Say.RESOLVED_REFS))
        .contains("rules[0]", loss, "name a Service");
  }

  @Test
  void oneUnknownKindAmongRulesIsTold() {
    route(
        "HTTPRoute",
        "{backendRefs: [{name: cart, port: 80}]}, {matches: [{path: {value: /b}}], backendRefs:"
            + " [{kind: Bucket, name: b}]}");
    assertThat(mesh.conditions("HTTPRoute", "r")).contains("ResolvedRefs=false InvalidKind");
  }

  private void cart(String port) {
    mesh.apply(
        """
        apiVersion: v1
        kind: Service
        metadata: {name: cart, namespace: shop}
        spec: {clusterIP: 198.18.1.1, ports: [{port: 80%s}]}
        """
            .formatted(port));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "HTTPRoute | appProtocol: example.com/unknown | requests get 500",
        "GRPCRoute | appProtocol: kubernetes.io/ws | requests get 500",
        "HTTPRoute | appProtocol: kubernetes.io/wss | requests get 500",
        "HTTPRoute | protocol: UDP | requests get 500",
        "TCPRoute | protocol: UDP | connections are refused"
      })
  void unsupportedProtocolOfAPortIsToldUntilItIsCorrected(String kind, String port, String loss) {
    cart(", " + port);
    route(kind, "{backendRefs: [{name: cart, port: 80}]}");
    assertThat(mesh.conditions(kind, "r"))
        .containsExactly("Accepted=true Accepted", "ResolvedRefs=false UnsupportedProtocol");
    assertThat(JudgedMesh.message(mesh.route(kind, "r").conditions(), Say.RESOLVED_REFS))
        .contains("rules[0]", "shop/cart, port 80", loss);
    cart(", appProtocol: kubernetes.io/h2c");
    assertThat(mesh.conditions(kind, "r")).contains("ResolvedRefs=true ResolvedRefs");
  }

  @Test
  void unsupportedProtocolWithinTlsIsSupportedWithABackendTlsPolicy() {
    cart(", name: live, appProtocol: kubernetes.io/wss");
    route("HTTPRoute", "{backendRefs: [{name: cart, port: 80}]}");
    assertThat(mesh.conditions("HTTPRoute", "r"))
        .contains("ResolvedRefs=false UnsupportedProtocol");
    mesh.apply(
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: BackendTLSPolicy
        metadata: {name: secure, namespace: shop}
        spec:
          targetRefs: [{group: "", kind: Service, name: cart, sectionName: live}]
          validation: {wellKnownCACertificates: System, hostname: cart.example.com}
        """);
    assertThat(mesh.conditions("HTTPRoute", "r")).contains("ResolvedRefs=true ResolvedRefs");
  }
}

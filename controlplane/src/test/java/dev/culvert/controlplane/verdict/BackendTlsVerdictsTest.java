// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import static dev.culvert.controlplane.verdict.CertificateYaml.CERTIFICATE;
import static dev.culvert.controlplane.verdict.CertificateYaml.authorities;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.controlplane.status.ParentStatus;
import dev.culvert.controlplane.status.WantedStatus;
import dev.culvert.policy.resource.ResourceKey;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * What BackendTLSPolicies say of themselves, at each front door and waypoint that holds to them.
 */
final class BackendTlsVerdictsTest {
  private static final String MESH =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: web, namespace: shop}
      spec: {clusterIP: 198.19.0.1, ports: [{name: secure, port: 443}]}
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: door, namespace: shop}
      spec:
        gatewayClassName: culvert-gateway
        listeners: [{name: http, port: 80, protocol: HTTP}, {name: tcp, port: 81, protocol: TCP}]
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: other, namespace: shop}
      spec:
        gatewayClassName: culvert-gateway
        listeners: [{name: tcp, port: 81, protocol: TCP}]
      """;

  private static final String ROUTE =
      """
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: web, namespace: shop}
      spec:
        parentRefs: [{name: door}]
        rules: [{backendRefs: [{name: web, port: 443}]}]
      """;

  private static final String TCP_ROUTE =
      """
      ---
      apiVersion: gateway.networking.k8s.io/v1alpha2
      kind: TCPRoute
      metadata: {name: tcp, namespace: shop}
      spec:
        parentRefs: [{name: other}]
        rules: [{backendRefs: [{name: web, port: 443}]}]
      """;

  private final JudgedMesh mesh = new JudgedMesh();

  @BeforeEach
  void open() {
    mesh.apply(MESH + ROUTE + authorities("shop", "ca", CERTIFICATE));
  }

  private static String policy(String name, int second, String target, String authorities) {
    return """
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: BackendTLSPolicy
    metadata: {name: %s, namespace: shop, creationTimestamp: "2026-01-01T00:00:%02dZ"}
    spec:
      targetRefs: [{group: "", kind: Service, name: %s}]
      validation: {caCertificateRefs: [%s], hostname: web.internal}
    """
        .formatted(name, second, target, authorities);
  }

  private static String map(String name) {
    return "{group: \"\", kind: ConfigMap, name: %s}".formatted(name);
  }

  private BackendTlsVerdict verdict(String name) {
    return mesh.said().backendTls().get(new ResourceKey("BackendTLSPolicy", "shop", name));
  }

  private List<String> conditions(String name) {
    return JudgedMesh.texts(verdict(name).conditions().stream());
  }

  private String message(String name, String type) {
    return JudgedMesh.message(verdict(name).conditions(), type);
  }

  private List<String> ancestors(String name) {
    return verdict(name).ancestors().stream().map(one -> one.metadata().name()).toList();
  }

  @Test
  void policyIsInForceAtTheDoorsThatSendToItsServices() {
    mesh.apply(policy("tls", 1, "web", map("ca")));
    assertThat(conditions("tls"))
        .containsExactly("Accepted=true Accepted", "ResolvedRefs=true ResolvedRefs");
    assertThat(ancestors("tls")).containsExactly("door");
    mesh.apply(TCP_ROUTE);
    assertThat(ancestors("tls")).containsExactly("door", "other");
    mesh.delete("HTTPRoute", "web");
    assertThat(ancestors("tls")).containsExactly("other");
  }

  @Test
  void policyIsInForceAtTheWaypointOfAServiceWhoseRouteSendsToIt() {
    mesh.apply(
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: way, namespace: shop}
        spec:
          gatewayClassName: culvert-waypoint
          listeners: [{name: mesh, port: 15008, protocol: HBONE}]
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: way, namespace: shop}
        spec:
          clusterIP: 198.19.0.9
          selector: {gateway.networking.k8s.io/gateway-name: way}
          ports: [{name: mesh, port: 15008}]
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: store, namespace: shop, labels: {culvert.dev/use-waypoint: way}}
        spec: {clusterIP: 198.19.0.2, ports: [{name: http, port: 80}]}
        """);
    mesh.delete("HTTPRoute", "web");
    mesh.apply(policy("tls", 1, "web", map("ca")));
    assertThat(ancestors("tls")).isEmpty();
    mesh.apply(ROUTE.replace("name: door}", "group: \"\", kind: Service, name: store}"));
    assertThat(ancestors("tls")).containsExactly("way");
    mesh.apply(policy("own", 2, "store", map("ca")));
    assertThat(ancestors("own")).containsExactly("way");
    assertThat(
            new Statuses(mesh.said())
                .ofBackendTls(new ResourceKey("BackendTLSPolicy", "shop", "own"), "origin")
                .orElseThrow()
                .ancestors()
                .orElseThrow())
        .extracting(ParentStatus::controller)
        .containsExactly("culvert.dev/waypoint-controller");
  }

  @Test
  void eachDoorIsAnEntryOfOurController() {
    mesh.apply(policy("tls", 1, "web", map("ca")));
    WantedStatus status =
        new Statuses(mesh.said())
            .ofBackendTls(new ResourceKey("BackendTLSPolicy", "shop", "tls"), "origin")
            .orElseThrow();
    ParentStatus entry = status.ancestors().orElseThrow().getFirst();
    assertThat(entry.controller()).isEqualTo("culvert.dev/gateway-controller");
    assertThat(entry.parentRef())
        .containsEntry("group", "gateway.networking.k8s.io")
        .containsEntry("kind", "Gateway")
        .containsEntry("namespace", "shop")
        .containsEntry("name", "door");
  }

  @Test
  void authorityThatIsNotThereIsMissed() {
    mesh.apply(policy("tls", 1, "web", map("missing")));
    assertThat(conditions("tls"))
        .containsExactly(
            "Accepted=false NoValidCACertificate", "ResolvedRefs=false InvalidCACertificateRef");
    assertThat(message("tls", "ResolvedRefs")).contains("no ConfigMap shop/missing");
    mesh.apply(authorities("shop", "missing", "Hello world"));
    assertThat(message("tls", "ResolvedRefs")).contains("ca.crt");
    mesh.apply(authorities("shop", "missing", CERTIFICATE));
    assertThat(conditions("tls"))
        .containsExactly("Accepted=true Accepted", "ResolvedRefs=true ResolvedRefs");
  }

  @Test
  void oneAuthorityOfTwoKeepsAPolicyAccepted() {
    mesh.apply(policy("tls", 1, "web", map("ca") + ", " + map("missing")));
    assertThat(conditions("tls"))
        .containsExactly("Accepted=true Accepted", "ResolvedRefs=false InvalidCACertificateRef");
  }

  @Test
  void authorityOfAnotherKindIsToldSo() {
    mesh.apply(policy("tls", 1, "web", "{group: \"\", kind: Secret, name: ca}"));
    assertThat(conditions("tls"))
        .containsExactly("Accepted=false NoValidCACertificate", "ResolvedRefs=false InvalidKind");
  }

  @Test
  void olderPolicyForTheSamePortGoesFirst() {
    mesh.apply(policy("new", 2, "web", map("ca")) + policy("old", 1, "web", map("ca")));
    assertThat(conditions("old")).contains("Accepted=true Accepted");
    assertThat(conditions("new")).contains("Accepted=false Conflicted");
    assertThat(message("new", "Accepted")).contains("BackendTLSPolicy shop/old");
    mesh.apply(policy("port", 3, "web, sectionName: secure", map("ca")));
    assertThat(conditions("port")).as("for one port").contains("Accepted=true Accepted");
  }

  @Test
  void policyOfWhatIsNotThereNamesIt() {
    mesh.apply(policy("tls", 1, "wbe", map("ca")));
    assertThat(conditions("tls")).contains("Accepted=false TargetNotFound");
    assertThat(ancestors("tls")).isEmpty();
    mesh.apply(policy("tls", 1, "web, sectionName: plain", map("ca")));
    assertThat(message("tls", "Accepted")).contains("a port named plain");
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is said of routes of connections that nobody looks into. */
class StreamRouteVerdictsTest {
  private static final String DOOR =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: cart, namespace: shop}
      spec: {clusterIP: 198.18.1.1, ports: [{name: tcp, port: 80}]}
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: door, namespace: shop}
      spec:
        gatewayClassName: culvert-gateway
        listeners:
          - {name: web, port: 80, protocol: HTTP}
          - {name: through, port: 443, protocol: TLS, hostname: "*.example.com", tls: {mode: Passthrough}}
          - {name: ended, port: 444, protocol: TLS, tls: {certificateRefs: [{name: site}]}}
          - {name: raw, port: 90, protocol: TCP}
      """;
  private static final String ROUTE =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: %s
      metadata: {name: %s, namespace: shop, creationTimestamp: "%s"}
      spec:
        parentRefs: [%s]
        %s
        rules: [{backendRefs: [{name: %s, port: 80}]}]
      """;
  private static final String OLD = "2026-01-01T00:00:00Z";
  private static final String YOUNG = "2026-02-01T00:00:00Z";

  private final JudgedMesh mesh = new JudgedMesh();

  @BeforeEach
  void open() {
    mesh.apply(DOOR);
  }

  @Test
  void connectionsByServerNameAreAttachedWhereTlsIs() {
    mesh.apply(tls("names", OLD, "{name: door}", "cart.example.com"));
    assertThat(mesh.conditions("TLSRoute", "names"))
        .containsExactly("Accepted=true Accepted", "ResolvedRefs=true ResolvedRefs");
    assertThat(mesh.route("TLSRoute", "names").listeners())
        .containsExactlyInAnyOrder("through", "ended");
  }

  @Test
  void connectionsAreAttachedWhereNobodyLooksIntoThem() {
    mesh.apply(tcp("all", OLD, "{name: door}"));
    assertThat(mesh.route("TCPRoute", "all").listeners())
        .as("where TLS goes through, a server name decides")
        .containsExactlyInAnyOrder("raw", "ended");
  }

  @Test
  void listenersCountTheRoutesOfConnections() {
    mesh.apply(tls("names", OLD, "{name: door}", "cart.example.com"));
    mesh.apply(tcp("all", OLD, "{name: door, sectionName: raw}"));
    assertThat(JudgedMesh.listener(mesh.gateway("door").programmed(), "through").attached())
        .isEqualTo(1);
    assertThat(JudgedMesh.listener(mesh.gateway("door").programmed(), "raw").attached())
        .isEqualTo(1);
    assertThat(JudgedMesh.listener(mesh.gateway("door").programmed(), "web").attached()).isZero();
  }

  @Test
  void listenersSayWhichRoutesOfConnectionsTheyTake() {
    assertThat(JudgedMesh.listener(mesh.gateway("door").programmed(), "through").kinds())
        .containsExactly("TLSRoute");
    assertThat(JudgedMesh.listener(mesh.gateway("door").programmed(), "ended").kinds())
        .containsExactly("TLSRoute", "TCPRoute");
    assertThat(JudgedMesh.listener(mesh.gateway("door").programmed(), "raw").kinds())
        .containsExactly("TCPRoute");
  }

  @Test
  void listenerWithoutTlsTakesNoServerNames() {
    mesh.apply(tls("names", OLD, "{name: door, sectionName: web}", "cart.example.com"));
    assertThat(mesh.conditions("TLSRoute", "names"))
        .contains("Accepted=false NotAllowedByListeners");
    assertThat(accepted("TLSRoute", "names"))
        .contains("TLSRoute", "see protocol and allowedRoutes");
  }

  @Test
  void serverNameOfNoListenerIsTold() {
    mesh.apply(tls("names", OLD, "{name: door, sectionName: through}", "cart.example.org"));
    assertThat(mesh.conditions("TLSRoute", "names"))
        .contains("Accepted=false NoMatchingListenerHostname");
    assertThat(accepted("TLSRoute", "names")).contains("correct hostnames");
  }

  @Test
  void listenerOfAnotherKindIsNotAllowed() {
    mesh.apply(tcp("all", OLD, "{name: door, sectionName: web}"));
    assertThat(mesh.conditions("TCPRoute", "all")).contains("Accepted=false NotAllowedByListeners");
    mesh.apply(tcp("all", OLD, "{name: door, sectionName: none}"));
    assertThat(mesh.conditions("TCPRoute", "all")).contains("Accepted=false NoMatchingParent");
  }

  @Test
  void missingBackendOfConnectionsIsTold() {
    mesh.apply(
        ROUTE.formatted("TCPRoute", "all", OLD, "{name: door, sectionName: raw}", "", "gone"));
    assertThat(mesh.conditions("TCPRoute", "all")).contains("ResolvedRefs=false BackendNotFound");
    assertThat(JudgedMesh.message(mesh.route("TCPRoute", "all").conditions(), Say.RESOLVED_REFS))
        .contains("Service shop/gone with port 80", "connections are refused", "backendRefs");
  }

  @Test
  void youngerRouteOfATakenPortSaysWhoHasIt() {
    mesh.apply(tcp("first", OLD, "{name: door, sectionName: raw}"));
    mesh.apply(tcp("second", YOUNG, "{name: door, sectionName: raw}"));
    assertThat(mesh.conditions("TCPRoute", "first")).contains("Accepted=true Accepted");
    assertThat(mesh.conditions("TCPRoute", "second")).contains("Accepted=false Conflicted");
    assertThat(accepted("TCPRoute", "second")).contains("TCPRoute shop/first", "remove one");
    assertThat(JudgedMesh.listener(mesh.gateway("door").programmed(), "raw").attached())
        .isEqualTo(1);
    mesh.delete("TCPRoute", "first");
    assertThat(mesh.conditions("TCPRoute", "second")).contains("Accepted=true Accepted");
  }

  @Test
  void whatIsTakenAtOneListenerOnlyIsToldAsAPart() {
    mesh.apply(tcp("first", OLD, "{name: door, sectionName: raw}"));
    mesh.apply(tcp("second", YOUNG, "{name: door}"));
    assertThat(mesh.conditions("TCPRoute", "second"))
        .containsExactly(
            "Accepted=true Accepted",
            "ResolvedRefs=true ResolvedRefs",
            "PartiallyInvalid=true UnsupportedValue");
    assertThat(mesh.route("TCPRoute", "second").listeners()).containsExactly("ended");
  }

  @Test
  void youngerRouteWithAServerNameOfItsOwnHasThat() {
    mesh.apply(tls("first", OLD, "{name: door}", "cart.example.com"));
    mesh.apply(tls("second", YOUNG, "{name: door}", "cart.example.com, till.example.com"));
    assertThat(mesh.conditions("TLSRoute", "second"))
        .containsExactly("Accepted=true Accepted", "ResolvedRefs=true ResolvedRefs");
  }

  private String accepted(String kind, String name) {
    return JudgedMesh.message(mesh.route(kind, name).conditions(), Say.ACCEPTED);
  }

  private static String tls(String name, String made, String parent, String hosts) {
    return ROUTE.formatted(
        "TLSRoute", name, made, parent, "hostnames: [%s]".formatted(hosts), "cart");
  }

  private static String tcp(String name, String made, String parent) {
    return ROUTE.formatted("TCPRoute", name, made, parent, "", "cart");
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.resource.ResourceKey;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is said of routes whose parent is a Service (Gateway API, GEP-1426). */
class ServiceRouteVerdictsTest {
  private static final String OLD = "2026-01-01T00:00:00Z";
  private static final String YOUNG = "2026-02-01T00:00:00Z";
  private static final String SHOP =
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
      metadata: {name: cart, namespace: shop, labels: {culvert.dev/use-waypoint: way}}
      spec:
        clusterIP: 198.18.1.1
        ports:
          - {name: open, port: 80}
          - {name: tcp-raw, port: 90}
          - {name: dns, port: 53, protocol: UDP}
      """;

  private final JudgedMesh mesh = new JudgedMesh();

  @BeforeEach
  void apply() {
    mesh.apply(SHOP);
  }

  private static String route(String kind, String name, String made, String more) {
    return """
    apiVersion: gateway.networking.k8s.io/v1
    kind: %s
    metadata: {name: %s, namespace: shop, creationTimestamp: "%s"}
    spec:
      parentRefs: [{group: "", kind: Service, name: cart%s}]
      rules: [{backendRefs: [{name: cart, port: 80}]}]
    """
        .formatted(kind, name, made, more);
  }

  private String accepted(String kind, String name) {
    return JudgedMesh.message(mesh.route(kind, name).conditions(), Say.ACCEPTED);
  }

  @Test
  void tcpRouteOfAServiceIsAccepted() {
    mesh.apply(route("TCPRoute", "r", OLD, ""));
    assertThat(mesh.conditions("TCPRoute", "r"))
        .startsWith("Accepted=true Accepted", "ResolvedRefs=true ResolvedRefs");
  }

  @Test
  void consumerRouteNeedsNoGrantForItsService() {
    String consumer =
        route("HTTPRoute", "r", OLD, ", namespace: shop%s")
            .replace("name: r, namespace: shop", "name: r, namespace: guests")
            .replace("name: cart, port: 80", "name: cart, namespace: shop, port: 80");
    for (String same : List.of("", ", port: 80")) {
      mesh.apply(consumer.formatted(same));
      assertThat(consumer()).contains("ResolvedRefs=true ResolvedRefs");
    }
    mesh.apply(consumer.formatted(", port: 90"));
    assertThat(consumer()).contains("ResolvedRefs=false RefNotPermitted");
  }

  private List<String> consumer() {
    return JudgedMesh.texts(
        mesh
            .said()
            .routes()
            .get(new ResourceKey("HTTPRoute", "guests", "r"))
            .getFirst()
            .conditions()
            .stream());
  }

  @Test
  void youngerTcpRouteIsInConflict() {
    mesh.apply(route("TCPRoute", "old", OLD, ""));
    mesh.apply(route("TCPRoute", "young", YOUNG, ""));
    assertThat(mesh.conditions("TCPRoute", "old")).contains("Accepted=true Accepted");
    assertThat(mesh.conditions("TCPRoute", "young"))
        .containsExactly("Accepted=false Conflicted", "ResolvedRefs=true ResolvedRefs");
    assertThat(accepted("TCPRoute", "young"))
        .contains("TCPRoute shop/old has port 80", "port 90", "is older", "remove one");
  }

  private static String tls(String name, String made, String hostnames) {
    return route("TLSRoute", name, made, ", port: 80")
        .replace("  rules:", "  hostnames: [%s]\n  rules:".formatted(hostnames));
  }

  @Test
  void youngerTlsRouteIsInConflictForTheNamesOfAnOlderOne() {
    mesh.apply(tls("old", OLD, "a.example.com, b.example.com"));
    mesh.apply(tls("young", YOUNG, "a.example.com, c.example.com"));
    mesh.apply(tls("late", YOUNG, "b.example.com"));
    assertThat(mesh.conditions("TLSRoute", "old")).contains("Accepted=true Accepted");
    assertThat(mesh.conditions("TLSRoute", "young")).contains("Accepted=true Accepted");
    assertThat(mesh.conditions("TLSRoute", "late")).contains("Accepted=false Conflicted");
  }

  @Test
  void lessSpecificKindIsInConflict() {
    mesh.apply(route("HTTPRoute", "http", OLD, ", port: 80"));
    mesh.apply(route("GRPCRoute", "grpc", YOUNG, ", port: 80"));
    assertThat(mesh.conditions("GRPCRoute", "grpc")).contains("Accepted=true Accepted");
    assertThat(mesh.conditions("HTTPRoute", "http")).contains("Accepted=false Conflicted");
    assertThat(accepted("HTTPRoute", "http"))
        .contains("GRPCRoute shop/grpc has port 80", "GRPCRoutes go before HTTPRoutes");
  }

  @Test
  void routeThatLosesOnePortOfTwoIsPartlyInvalid() {
    mesh.apply(route("HTTPRoute", "http", OLD, ", port: 80"));
    mesh.apply(route("TCPRoute", "tcp", OLD, ""));
    assertThat(mesh.conditions("TCPRoute", "tcp"))
        .contains("Accepted=true Accepted", "PartiallyInvalid=true UnsupportedValue");
  }

  @Test
  void routesOfOneKindForRequestsAreMerged() {
    mesh.apply(route("HTTPRoute", "a", OLD, ""));
    mesh.apply(route("HTTPRoute", "b", YOUNG, ""));
    assertThat(mesh.conditions("HTTPRoute", "b")).contains("Accepted=true Accepted");
  }

  @Test
  void routesOfAnotherNamespaceAreNoRivals() {
    mesh.apply(route("TCPRoute", "producer", OLD, ""));
    mesh.apply(
        route("TCPRoute", "r", YOUNG, ", namespace: shop")
            .replace("namespace: shop, crea", "namespace: guests, crea"));
    assertThat(
            mesh.said().routes().entrySet().stream()
                .filter(one -> one.getKey().namespace().equals("guests"))
                .flatMap(one -> one.getValue().getFirst().conditions().stream())
                .map(JudgedMesh::text))
        .contains("Accepted=true Accepted");
  }

  @Test
  void portThatSaysTcpIsForNoHttpRoute() {
    mesh.apply(route("HTTPRoute", "r", OLD, ", port: 90"));
    assertThat(mesh.conditions("HTTPRoute", "r")).contains("Accepted=false UnsupportedValue");
    assertThat(accepted("HTTPRoute", "r")).contains("appProtocol");
  }

  @Test
  void sectionIsTheNameOfAPort() {
    mesh.apply(route("TCPRoute", "named", OLD, ", sectionName: tcp-raw"));
    mesh.apply(route("TCPRoute", "unnamed", OLD, ", sectionName: gone"));
    mesh.apply(route("TCPRoute", "other", OLD, ", sectionName: tcp-raw, port: 80"));
    mesh.apply(route("TCPRoute", "udp", OLD, ", port: 53"));
    assertThat(mesh.conditions("TCPRoute", "named")).contains("Accepted=true Accepted");
    assertThat(mesh.conditions("TCPRoute", "unnamed")).contains("Accepted=false NoMatchingParent");
    assertThat(accepted("TCPRoute", "unnamed")).contains("no port named gone");
    assertThat(mesh.conditions("TCPRoute", "other")).contains("Accepted=false NoMatchingParent");
    assertThat(mesh.conditions("TCPRoute", "udp")).contains("Accepted=false NoMatchingParent");
  }

  @Test
  void serviceThatIsNotThereIsNoParent() {
    mesh.apply(
        route("TCPRoute", "r", OLD, "").replace("name: cart}]\n  rules", "name: gone}]\n  rules"));
    assertThat(mesh.conditions("TCPRoute", "r")).contains("Accepted=false NoMatchingParent");
  }
}

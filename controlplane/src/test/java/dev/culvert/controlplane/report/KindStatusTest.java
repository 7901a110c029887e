// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.report;

import static dev.culvert.controlplane.peers.Await.await;
import static dev.culvert.controlplane.report.ReportedCluster.GATEWAY_API;
import static dev.culvert.controlplane.report.ReportedCluster.message;
import static dev.culvert.controlplane.report.ReportedCluster.says;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.controlplane.source.kubernetes.ApiServer;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What stands in the status of routes of connections, further listeners and traffic policies. */
@Timeout(60)
class KindStatusTest {
  private static final String OWN = "policy.culvert.dev/v1alpha1";
  private static final String DOOR =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: cart, namespace: shop}
      spec: {clusterIP: 198.18.1.1, ports: [{port: 80}]}
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: door, namespace: shop}
      spec:
        gatewayClassName: culvert-gateway
        allowedListeners: {namespaces: {from: Same}}
        listeners:
          - {name: raw, port: 90, protocol: TCP}
          - {name: through, port: 443, protocol: TLS, tls: {mode: Passthrough}}
      """;
  private static final String ROUTE =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: %s
      metadata: {name: carried, namespace: shop}
      spec:
        parentRefs: [%s]
        rules: [{backendRefs: [{name: cart, port: 80}]}]
      """;
  private static final String SET =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: ListenerSet
      metadata: {name: more, namespace: shop}
      spec:
        parentRef: {name: door}
        listeners: [{name: web, port: %s, protocol: HTTP}]
      """;
  private static final String POLICY =
      """
      apiVersion: policy.culvert.dev/v1alpha1
      kind: TrafficPolicy
      metadata: {name: retries, namespace: shop}
      spec:
        targetRefs: [{group: "", kind: Service, name: cart}]
        retries: {%s: 3}
      """;

  private ReportedCluster cluster;
  private ApiServer server;

  @BeforeEach
  void open() throws Exception {
    cluster =
        new ReportedCluster("gateways", "httproutes", "tlsroutes", "tcproutes", "listenersets");
    server = cluster.server();
    server.install(OWN, "trafficpolicies");
    server.apply(DOOR);
  }

  @AfterEach
  void close() {
    cluster.close();
  }

  @Test
  void routesOfConnectionsSayWhereTheyAreAttached() throws Exception {
    server.apply(ROUTE.formatted("TLSRoute", "{name: door, sectionName: through}"));
    server.apply(ROUTE.formatted("TCPRoute", "{name: door, sectionName: through}"));
    cluster.start();
    await(() -> parent("tlsroutes").contains("status=True, reason=Accepted"));
    await(() -> parent("tcproutes").contains("reason=NotAllowedByListeners"));
    server.apply(ROUTE.formatted("TCPRoute", "{name: door, sectionName: raw}"));
    await(() -> parent("tcproutes").contains("status=True, reason=Accepted"));
    await(() -> attached(gateway(), "raw") == 1 && attached(gateway(), "through") == 1);
    assertThat(parent("tcproutes")).contains("controllerName=culvert.dev/gateway-controller");
  }

  @Test
  void unreadableRouteOfConnectionsSaysSoToItsGateway() throws Exception {
    server.apply(ROUTE.formatted("TCPRoute", "{name: door, sectoinName: raw}"));
    cluster.start();
    await(() -> parent("tcproutes").contains("reason=UnsupportedValue"));
    assertThat(parent("tcproutes")).contains("sectoinName");
  }

  @Test
  void setOfListenersFollowsItsGateway() throws Exception {
    server.apply(SET.formatted("81"));
    cluster.start();
    await(() -> says(set(), "Accepted", "False", "ParentNotAccepted"));
    report("True");
    await(() -> says(set(), "Accepted", "True", "Accepted"));
    await(() -> says(set(), "Programmed", "True", "Programmed"));
    await(() -> Integer.valueOf(1).equals(gateway().get("status", "attachedListenerSets")));
    server.apply(ROUTE.formatted("HTTPRoute", "{kind: ListenerSet, name: more}"));
    await(() -> attached(set(), "web") == 1);
    server.apply(DOOR.replace("from: Same", "from: None"));
    await(() -> says(set(), "Accepted", "False", "NotAllowed"));
    // Applied anew it has no status, and none is as good as 0.
    await(() -> !Integer.valueOf(1).equals(gateway().get("status", "attachedListenerSets")));
  }

  @Test
  void unreadableSetOfListenersNamesTheField() throws Exception {
    server.apply(SET.formatted("810000"));
    cluster.start();
    await(() -> says(set(), "Accepted", "False", "Invalid"));
    assertThat(message(set(), "Accepted")).contains("listeners[0].port");
    assertThat(says(set(), "Programmed", "False", "Invalid")).isTrue();
  }

  @Test
  void unreadableSetOfSomebodyElsesGatewayIsLeftToIt() throws Exception {
    server.apply(DOOR.replace("culvert-gateway", "example"));
    server.apply(SET.formatted("810000"));
    server.apply(POLICY.formatted("attempts"));
    cluster.start();
    await(() -> says(policy(), "Accepted", "True", "Accepted"));
    assertThat(set().getAdditionalProperties()).doesNotContainKey("status");
  }

  @Test
  void gatewayWithoutFurtherListenersIsNotToldOfThem() throws Exception {
    server.apply(POLICY.formatted("attempts"));
    cluster.start();
    await(() -> says(policy(), "WaypointBound", "False", "AncestorNotBound"));
    await(() -> gateway().get("status", "listeners") != null);
    assertThat(gateway().<Object>get("status", "attachedListenerSets"))
        .as("an older CRD would drop the field, and it would be written for ever")
        .isNull();
  }

  @Test
  void unreadableTrafficPolicyHasNoEffectAndSaysSo() throws Exception {
    server.apply(POLICY.formatted("atempts"));
    cluster.start();
    await(() -> says(policy(), "Accepted", "False", "Invalid"));
    assertThat(message(policy(), "Accepted"))
        .contains("spec.retries.atempts", "attempts", "it has no effect")
        .doesNotContain("forbids");
    server.apply(POLICY.formatted("attempts"));
    await(() -> says(policy(), "Accepted", "True", "Accepted"));
  }

  /** As its provisioning does. */
  private void report(String programmed) {
    server.report(
        GATEWAY_API,
        "gateways",
        "shop",
        "door",
        Map.of(
            "conditions",
            Stream.of("Accepted", "Programmed")
                .map(type -> Map.of("type", type, "status", programmed, "reason", type))
                .toList()));
  }

  private String parent(String plural) {
    List<Map<String, Object>> parents = find(plural, "carried").get("status", "parents");
    return parents == null || parents.isEmpty() ? "" : parents.getLast().toString();
  }

  private static int attached(GenericKubernetesResource owner, String name) {
    List<Map<String, Object>> listeners = owner.get("status", "listeners");
    return listeners == null
        ? -1
        : listeners.stream()
            .filter(one -> name.equals(one.get("name")))
            .mapToInt(one -> ((Number) one.get("attachedRoutes")).intValue())
            .findFirst()
            .orElse(-1);
  }

  private GenericKubernetesResource gateway() {
    return find("gateways", "door");
  }

  private GenericKubernetesResource set() {
    return find("listenersets", "more");
  }

  private GenericKubernetesResource policy() {
    return server.find(OWN, "trafficpolicies", "shop", "retries").orElseThrow();
  }

  private GenericKubernetesResource find(String plural, String name) {
    return server.find(GATEWAY_API, plural, "shop", name).orElseThrow();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.report;

import static dev.culvert.controlplane.peers.Await.await;
import static dev.culvert.controlplane.report.ReportedCluster.conditions;
import static dev.culvert.controlplane.report.ReportedCluster.message;
import static dev.culvert.controlplane.report.ReportedCluster.says;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.controlplane.source.kubernetes.ApiServer;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a control plane says of the objects of an API server, in their status and by events. */
@Timeout(60)
class StatusReporterTest {
  private static final String OWN = "policy.culvert.dev/v1alpha1";
  private static final String ISTIO = "security.istio.io/v1";
  private static final String GATEWAY_API = "gateway.networking.k8s.io/v1";
  private static final String POLICY =
      """
      apiVersion: %s
      kind: AuthorizationPolicy
      metadata: {name: rules, namespace: shop}
      spec: %s
      """;
  private static final String GOOD = "{action: ALLOW}";
  private static final String BAD = "{action: ALOW}";
  private static final String SERVICE =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: cart, namespace: shop, labels: {culvert.dev/use-waypoint: store}}
      spec: {clusterIP: 198.18.1.1, ports: [{name: http, port: 80}]}
      """;
  private static final String WAYPOINT =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: store, namespace: shop}
      spec:
        gatewayClassName: culvert-waypoint
        listeners: [{name: mesh, port: 15008, protocol: HBONE}]
      """;
  private static final String ROUTE =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: split, namespace: shop}
      spec:
        parentRefs: [{group: "", kind: Service, name: cart}]
        rules: [{backendRefs: [{name: %s, port: 80}]}]
      """;

  private ReportedCluster cluster;
  private ApiServer server;

  @BeforeEach
  void open() throws Exception {
    cluster = new ReportedCluster("gateways", "httproutes", "grpcroutes");
    server = cluster.server();
  }

  @AfterEach
  void close() {
    cluster.close();
  }

  @Test
  void policyIsAcceptedInBothGroups() throws Exception {
    server.apply(POLICY.formatted(OWN, GOOD));
    server.apply(POLICY.formatted(ISTIO, GOOD).replace("name: rules", "name: theirs"));
    cluster.start();
    await(() -> says(policy(OWN, "rules"), "Accepted", "True", "Accepted"));
    await(() -> says(policy(ISTIO, "theirs"), "Accepted", "True", "Accepted"));
  }

  @Test
  void unreadablePolicyNamesFieldAndRemedyUntilItIsCorrected() throws Exception {
    server.apply(POLICY.formatted(OWN, BAD));
    cluster.start();
    await(() -> says(policy(OWN, "rules"), "Accepted", "False", "Invalid"));
    assertThat(message(policy(OWN, "rules"), "Accepted"))
        .contains("spec.action", "did you mean", "ALLOW");
    server.apply(POLICY.formatted(OWN, GOOD));
    await(() -> says(policy(OWN, "rules"), "Accepted", "True", "Accepted"));
  }

  @Test
  void policyOfIstioBehindOneOfOurOwnSaysThatItHasNoEffect() throws Exception {
    server.apply(POLICY.formatted(ISTIO, GOOD));
    server.apply(POLICY.formatted(OWN, GOOD));
    cluster.start();
    await(() -> says(policy(ISTIO, "rules"), "Accepted", "False", "Conflicted"));
    await(() -> says(policy(OWN, "rules"), "Accepted", "True", "Accepted"));
    server.delete(OWN, "authorizationpolicies", "shop", "rules");
    await(() -> says(policy(ISTIO, "rules"), "Accepted", "True", "Accepted"));
  }

  @Test
  void serviceSaysWhetherItIsBoundToItsWaypoint() throws Exception {
    server.apply(SERVICE);
    cluster.start();
    await(() -> says(service(), "istio.io/WaypointBound", "False", "WaypointUnavailable"));
    server.apply(WAYPOINT);
    await(() -> says(service(), "istio.io/WaypointBound", "True", "WaypointAccepted"));
    server.apply(SERVICE.replace("{culvert.dev/use-waypoint: store}", "{}"));
    await(() -> conditions(service()).isEmpty());
  }

  @Test
  void bindingThatIstioTellsIsLeftToIstio() throws Exception {
    server.apply(
        SERVICE.replace(
            "metadata: {",
            "metadata: {managedFields: [{manager: istiod, fieldsV1: {\"f:status\":"
                + " {\"f:conditions\": {\"k:{\\\"type\\\":\\\"istio.io/WaypointBound\\\"}\": {}}}}}],"
                + " "));
    server.report("v1", "services", "shop", "cart", theirs("istio.io/WaypointBound"));
    server.apply(POLICY.formatted(OWN, GOOD));
    cluster.start();
    await(() -> says(policy(OWN, "rules"), "Accepted", "True", "Accepted"));
    roundsPass();
    assertThat(says(service(), "istio.io/WaypointBound", "True", "Theirs")).isTrue();
  }

  @Test
  void routeHasAnEntryOfOurControllerBesideThoseOfOthers() throws Exception {
    server.apply(SERVICE + "---\n" + WAYPOINT + "---\n" + ROUTE.formatted("gone"));
    Map<String, Object> theirs =
        Map.of("parentRef", Map.of("name", "a"), "controllerName", "example.com/x");
    server.report(GATEWAY_API, "httproutes", "shop", "split", Map.of("parents", List.of(theirs)));
    cluster.start();
    await(() -> parent().toString().contains("BackendNotFound"));
    assertThat(parent())
        .containsEntry("controllerName", "culvert.dev/mesh-controller")
        .containsEntry("parentRef", Map.of("group", "", "kind", "Service", "name", "cart"));
    List<Map<String, Object>> parents = route().get("status", "parents");
    assertThat(parents.getFirst()).containsEntry("controllerName", "example.com/x");
    server.apply(ROUTE.formatted("cart"));
    await(() -> parent().toString().contains("reason=ResolvedRefs"));
  }

  @Test
  void listenersOfAGatewayAreToldBesideWhatItsProvisioningSays() throws Exception {
    server.apply(WAYPOINT);
    server.report(GATEWAY_API, "gateways", "shop", "store", theirs("Programmed"));
    cluster.start();
    await(() -> gateway().<Object>get("status", "listeners", 0, "attachedRoutes") != null);
    assertThat(gateway().<Object>get("status", "listeners", 0, "name")).isEqualTo("mesh");
    assertThat(gateway().<Object>get("status", "listeners").toString()).contains("it takes conn");
    assertThat(says(gateway(), "Programmed", "True", "Theirs")).isTrue();
  }

  @Test
  void gatewayThatCannotBeReadSaysWhy() throws Exception {
    server.apply(WAYPOINT.replace("protocol: HBONE", "protocol: HBOEN"));
    cluster.start();
    await(() -> says(gateway(), "Accepted", "False", "Invalid"));
    assertThat(message(gateway(), "Accepted")).contains("protocol", "did you mean 'HBONE'?");
    server.apply(WAYPOINT);
    await(() -> gateway().<Object>get("status", "listeners") != null);
  }

  @Test
  void gatewayOfAnotherClassIsLeftAlone() throws Exception {
    server.apply(
        WAYPOINT.replace("culvert-waypoint", "example").replace("protocol: HBONE", "protocol: X"));
    server.apply(POLICY.formatted(OWN, GOOD));
    cluster.start();
    await(() -> says(policy(OWN, "rules"), "Accepted", "True", "Accepted"));
    roundsPass();
    assertThat(gateway().getAdditionalProperties()).doesNotContainKey("status");
  }

  @Test
  void fieldOfAGatewayThatIsNotKnownIsToldToHaveNoEffect() throws Exception {
    server.apply(WAYPOINT.replace("listeners:", "listners: []\n  listeners:"));
    cluster.start();
    await(() -> says(gateway(), "PartiallyInvalid", "True", "UnsupportedValue"));
    assertThat(message(gateway(), "PartiallyInvalid"))
        .contains("spec.listners", "did you mean 'listeners'?");
    server.apply(WAYPOINT);
    await(() -> conditions(gateway()).isEmpty());
  }

  @Test
  void fieldOfARouteThatIsNotKnownIsAnError() throws Exception {
    server.apply(
        SERVICE + "---\n" + ROUTE.formatted("cart").replace("rules:", "ruels: 1\n  rules:"));
    cluster.start();
    await(() -> parent().toString().contains("reason=UnsupportedValue"));
    assertThat(parent().toString()).contains("spec.ruels", "did you mean 'rules'?");
  }

  @Test
  void whatSomebodyOverwroteIsSaidAgain() throws Exception {
    server.apply(POLICY.formatted(OWN, GOOD));
    cluster.start();
    await(() -> says(policy(OWN, "rules"), "Accepted", "True", "Accepted"));
    server.report(OWN, "authorizationpolicies", "shop", "rules", theirs("Accepted"));
    await(() -> says(policy(OWN, "rules"), "Accepted", "True", "Accepted"));
  }

  @Test
  void nothingIsWrittenWhileNothingChanges() throws Exception {
    server.apply(POLICY.formatted(OWN, GOOD));
    cluster.start();
    await(() -> says(policy(OWN, "rules"), "Accepted", "True", "Accepted"));
    String version = policy(OWN, "rules").getMetadata().getResourceVersion();
    roundsPass();
    assertThat(policy(OWN, "rules").getMetadata().getResourceVersion()).isEqualTo(version);
  }

  @Test
  void replicaThatDoesNotLeadWritesNothingUntilItDoes() throws Exception {
    cluster.lead(false);
    server.apply(POLICY.formatted(OWN, BAD));
    cluster.start();
    assertThat(policy(OWN, "rules").getAdditionalProperties()).doesNotContainKey("status");
    cluster.lead(true);
    await(() -> says(policy(OWN, "rules"), "Accepted", "False", "Invalid"));
  }

  @Test
  void refusedWriteIsTriedAgainAndHoldsUpNoOther() throws Exception {
    server.apply(SERVICE);
    server.apply(POLICY.formatted(OWN, GOOD));
    server.refuseWrites("services", 403);
    cluster.start();
    await(() -> says(policy(OWN, "rules"), "Accepted", "True", "Accepted"));
    server.accept("services");
    await(() -> says(service(), "istio.io/WaypointBound", "False", "WaypointUnavailable"));
  }

  @Test
  void overloadedServerIsAskedAgain() throws Exception {
    server.apply(POLICY.formatted(OWN, GOOD));
    server.refuseWrites("authorizationpolicies", 429);
    cluster.start();
    server.awaitRequests("authorizationpolicies", 4);
    server.accept("authorizationpolicies");
    await(() -> says(policy(OWN, "rules"), "Accepted", "True", "Accepted"));
  }

  @Test
  void badNewsIsAnEventOnce() throws Exception {
    server.apply(POLICY.formatted(OWN, BAD));
    cluster.start();
    await(() -> !events().isEmpty());
    GenericKubernetesResource event = events().getFirst();
    assertThat(event.<Object>get("reason")).isEqualTo("Invalid");
    assertThat(event.<Object>get("type")).isEqualTo("Warning");
    assertThat(event.<Object>get("regarding", "kind")).isEqualTo("AuthorizationPolicy");
    assertThat(event.<Object>get("regarding", "name")).isEqualTo("rules");
    assertThat(event.<String>get("note")).contains("spec.action", "ALLOW");
    roundsPass();
    assertThat(events()).hasSize(1);
    assertThat(events().getFirst().<Object>get("series")).isNull();
  }

  @Test
  void newsThatCameBeforeIsCountedInItsEvent() throws Exception {
    server.apply(POLICY.formatted(OWN, BAD));
    cluster.start();
    await(() -> !events().isEmpty());
    server.apply(POLICY.formatted(OWN, GOOD));
    await(() -> says(policy(OWN, "rules"), "Accepted", "True", "Accepted"));
    server.apply(POLICY.formatted(OWN, BAD));
    await(() -> Integer.valueOf(2).equals(events().getFirst().get("series", "count")));
    assertThat(events()).hasSize(1);
  }

  @Test
  void eventThatIsRefusedKeepsNoStatusBack() throws Exception {
    server.refuse("events", 403);
    server.apply(POLICY.formatted(OWN, BAD));
    cluster.start();
    await(() -> says(policy(OWN, "rules"), "Accepted", "False", "Invalid"));
    server.accept("events");
  }

  /** As long as it takes to write something that comes later. */
  private void roundsPass() throws Exception {
    String later = "later-" + System.nanoTime();
    server.apply(POLICY.formatted(OWN, GOOD).replace("name: rules", "name: " + later));
    await(() -> says(policy(OWN, later), "Accepted", "True", "Accepted"));
    server.apply(POLICY.formatted(OWN, "{}").replace("name: rules", "name: " + later));
    await(() -> policy(OWN, later).toString().contains("observedGeneration=2"));
  }

  private GenericKubernetesResource policy(String apiVersion, String name) {
    return server.find(apiVersion, "authorizationpolicies", "shop", name).orElseThrow();
  }

  private GenericKubernetesResource service() {
    return server.find("v1", "services", "shop", "cart").orElseThrow();
  }

  private GenericKubernetesResource gateway() {
    return server.find(GATEWAY_API, "gateways", "shop", "store").orElseThrow();
  }

  private GenericKubernetesResource route() {
    return server.find(GATEWAY_API, "httproutes", "shop", "split").orElseThrow();
  }

  /** The last entry. */
  private Map<String, Object> parent() {
    List<Map<String, Object>> parents = route().get("status", "parents");
    return parents == null ? Map.of() : parents.getLast();
  }

  private List<GenericKubernetesResource> events() {
    return server.all("events.k8s.io/v1", "events");
  }

  private static Map<String, Object> theirs(String type) {
    return Map.of(
        "conditions",
        List.of(
            Map.of(
                "type", type,
                "status", "True",
                "reason", "Theirs",
                "message", "",
                "lastTransitionTime", "2020-01-01T00:00:00Z")));
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.report;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.controlplane.model.IncrementalModel;
import dev.culvert.controlplane.model.MeshNames;
import dev.culvert.controlplane.source.ResourceChanges;
import dev.culvert.controlplane.source.kubernetes.ApiServer;
import dev.culvert.controlplane.source.kubernetes.KubernetesSource;
import dev.culvert.controlplane.status.StatusWriter;
import dev.culvert.controlplane.status.WritePace;
import dev.culvert.controlplane.verdict.Said;
import dev.culvert.controlplane.verdict.Verdicts;
import dev.culvert.policy.spiffe.TrustDomain;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a control plane says of the objects of an API server, in their status and by events. */
@Timeout(60)
class StatusReporterTest {
  private static final MeshNames NAMES =
      new MeshNames(
          new TrustDomain("cluster.local"),
          "Kubernetes",
          "",
          "cluster.local",
          List.of("istio-system"));
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

  private ApiServer server;
  private KubernetesClient client;
  private StatusReporter reporter;
  private KubernetesSource source;
  private volatile boolean leads = true;

  @BeforeEach
  void open() throws Exception {
    server = new ApiServer();
    for (String kind : List.of("gateways", "httproutes", "grpcroutes")) {
      server.install(GATEWAY_API, kind);
    }
    client = server.client();
  }

  @AfterEach
  void close() {
    source.close();
    reporter.close();
    client.close();
    server.close();
  }

  @Test
  void policyIsAcceptedInBothGroups() throws Exception {
    server.apply(POLICY.formatted(OWN, GOOD));
    server.apply(POLICY.formatted(ISTIO, GOOD).replace("name: rules", "name: theirs"));
    start();
    await(() -> says(policy(OWN, "rules"), "Accepted", "True", "Accepted"));
    await(() -> says(policy(ISTIO, "theirs"), "Accepted", "True", "Accepted"));
  }

  @Test
  void unreadablePolicyNamesFieldAndRemedyUntilItIsCorrected() throws Exception {
    server.apply(POLICY.formatted(OWN, BAD));
    start();
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
    start();
    await(() -> says(policy(ISTIO, "rules"), "Accepted", "False", "Conflicted"));
    await(() -> says(policy(OWN, "rules"), "Accepted", "True", "Accepted"));
    server.delete(OWN, "authorizationpolicies", "shop", "rules");
    await(() -> says(policy(ISTIO, "rules"), "Accepted", "True", "Accepted"));
  }

  @Test
  void serviceSaysWhetherItIsBoundToItsWaypoint() throws Exception {
    server.apply(SERVICE);
    start();
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
    start();
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
    start();
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
    start();
    await(() -> gateway().<Object>get("status", "listeners", 0, "attachedRoutes") != null);
    assertThat(gateway().<Object>get("status", "listeners", 0, "name")).isEqualTo("mesh");
    assertThat(gateway().<Object>get("status", "listeners").toString()).contains("it takes conn");
    assertThat(says(gateway(), "Programmed", "True", "Theirs")).isTrue();
  }

  @Test
  void gatewayThatCannotBeReadSaysWhy() throws Exception {
    server.apply(WAYPOINT.replace("protocol: HBONE", "protocol: HBOEN"));
    start();
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
    start();
    await(() -> says(policy(OWN, "rules"), "Accepted", "True", "Accepted"));
    roundsPass();
    assertThat(gateway().getAdditionalProperties()).doesNotContainKey("status");
  }

  @Test
  void fieldOfAGatewayThatIsNotKnownIsToldToHaveNoEffect() throws Exception {
    server.apply(WAYPOINT.replace("listeners:", "listners: []\n  listeners:"));
    start();
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
    start();
    await(() -> parent().toString().contains("reason=UnsupportedValue"));
    assertThat(parent().toString()).contains("spec.ruels", "did you mean 'rules'?");
  }

  @Test
  void whatSomebodyOverwroteIsSaidAgain() throws Exception {
    server.apply(POLICY.formatted(OWN, GOOD));
    start();
    await(() -> says(policy(OWN, "rules"), "Accepted", "True", "Accepted"));
    server.report(OWN, "authorizationpolicies", "shop", "rules", theirs("Accepted"));
    await(() -> says(policy(OWN, "rules"), "Accepted", "True", "Accepted"));
  }

  @Test
  void nothingIsWrittenWhileNothingChanges() throws Exception {
    server.apply(POLICY.formatted(OWN, GOOD));
    start();
    await(() -> says(policy(OWN, "rules"), "Accepted", "True", "Accepted"));
    String version = policy(OWN, "rules").getMetadata().getResourceVersion();
    roundsPass();
    assertThat(policy(OWN, "rules").getMetadata().getResourceVersion()).isEqualTo(version);
  }

  @Test
  void replicaThatDoesNotLeadWritesNothingUntilItDoes() throws Exception {
    leads = false;
    server.apply(POLICY.formatted(OWN, BAD));
    start();
    assertThat(policy(OWN, "rules").getAdditionalProperties()).doesNotContainKey("status");
    leads = true;
    await(() -> says(policy(OWN, "rules"), "Accepted", "False", "Invalid"));
  }

  @Test
  void refusedWriteIsTriedAgainAndHoldsUpNoOther() throws Exception {
    server.apply(SERVICE);
    server.apply(POLICY.formatted(OWN, GOOD));
    server.refuseWrites("services", 403);
    start();
    await(() -> says(policy(OWN, "rules"), "Accepted", "True", "Accepted"));
    server.accept("services");
    await(() -> says(service(), "istio.io/WaypointBound", "False", "WaypointUnavailable"));
  }

  @Test
  void overloadedServerIsAskedAgain() throws Exception {
    server.apply(POLICY.formatted(OWN, GOOD));
    server.refuseWrites("authorizationpolicies", 429);
    start();
    server.awaitRequests("authorizationpolicies", 4);
    server.accept("authorizationpolicies");
    await(() -> says(policy(OWN, "rules"), "Accepted", "True", "Accepted"));
  }

  @Test
  void badNewsIsAnEventOnce() throws Exception {
    server.apply(POLICY.formatted(OWN, BAD));
    start();
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
    start();
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
    start();
    await(() -> says(policy(OWN, "rules"), "Accepted", "False", "Invalid"));
    server.accept("events");
  }

  private void start() throws InterruptedException {
    reporter =
        StatusReporter.start(
            new StatusWriter(
                client, () -> leads, new WritePace(Duration.ZERO, 1), InstantSource.system()),
            new Events(client, "replica", InstantSource.system()),
            () -> leads,
            new StatusReporter.Pace(Duration.ofMillis(5), Duration.ofMillis(20)),
            InstantSource.system());
    IncrementalModel model = new IncrementalModel(NAMES);
    Verdicts verdicts = new Verdicts(NAMES);
    source =
        KubernetesSource.start(
            client,
            new KubernetesSource.Pace(Duration.ofMillis(1), Duration.ofMillis(20)),
            List.of(),
            changes -> reporter.update(judge(model, verdicts, changes)),
            reporter.sightings());
  }

  private static Said judge(IncrementalModel model, Verdicts verdicts, ResourceChanges changes) {
    return verdicts.update(changes, model.update(changes.put(), changes.removed()).notices());
  }

  /** As long as it takes to write something that comes later. */
  private void roundsPass() throws InterruptedException {
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

  private static boolean says(
      GenericKubernetesResource object, String type, String status, String reason) {
    return conditions(object).stream()
        .anyMatch(
            one ->
                type.equals(one.get("type"))
                    && status.equals(one.get("status"))
                    && reason.equals(one.get("reason")));
  }

  private static String message(GenericKubernetesResource object, String type) {
    return conditions(object).stream()
        .filter(one -> type.equals(one.get("type")))
        .map(one -> String.valueOf(one.get("message")))
        .findFirst()
        .orElseThrow();
  }

  private static List<Map<String, Object>> conditions(GenericKubernetesResource object) {
    List<Map<String, Object>> conditions = object.get("status", "conditions");
    return conditions == null ? List.of() : conditions;
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      Thread.sleep(1);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.provision;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.culvert.controlplane.model.MeshNames;
import dev.culvert.controlplane.source.kubernetes.ApiServer;
import dev.culvert.controlplane.source.kubernetes.KubernetesSource;
import dev.culvert.policy.spiffe.TrustDomain;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What Gateways of the own classes get, on an API server. */
@Timeout(60)
class ProvisioningTest {
  private static final MeshNames NAMES =
      new MeshNames(
          new TrustDomain("cluster.local"),
          "Kubernetes",
          "",
          "cluster.local",
          List.of("istio-system"));
  private static final String GATEWAY =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: store, namespace: shop, uid: gw-1, generation: 3}
      spec:
        gatewayClassName: %s
        listeners: [{name: mesh, port: 15008, protocol: HBONE}]
        infrastructure:
          labels: {team: shop, gateway.networking.k8s.io/gateway-name: other}
          annotations: {example.com/note: hello}
          %s
      """;
  private static final String PARAMETERS =
      "parametersRef: {group: \"\", kind: ConfigMap, name: size}";

  private ApiServer server;
  private KubernetesClient client;
  private Provisioning provisioning;
  private KubernetesSource source;
  private volatile boolean leads = true;
  private volatile String roots = "ROOT 1";

  @BeforeEach
  void open() throws Exception {
    server = new ApiServer();
    server.install("gateway.networking.k8s.io/v1", "gateways");
    server.install("gateway.networking.k8s.io/v1", "gatewayclasses");
    client = server.client();
  }

  @AfterEach
  void close() {
    source.close();
    provisioning.close();
    client.close();
    server.close();
  }

  @Test
  void waypointGetsAllThatItNeeds() throws Exception {
    server.apply(gateway());
    start();
    await(() -> object("policy/v1", "poddisruptionbudgets").isPresent());

    GenericKubernetesResource deployment = object("apps/v1", "deployments").orElseThrow();
    assertThat(deployment.getMetadata().getLabels())
        .containsEntry("team", "shop")
        .containsEntry("gateway.networking.k8s.io/gateway-name", "store");
    assertThat(deployment.getMetadata().getAnnotations())
        .containsEntry("example.com/note", "hello");
    assertThat(deployment.getMetadata().getOwnerReferences())
        .singleElement()
        .satisfies(owner -> assertThat(owner.getUid()).isEqualTo("gw-1"))
        .satisfies(owner -> assertThat(owner.getController()).isTrue());
    assertThat(deployment.<Object>get("spec", "replicas")).isNull();
    assertThat(deployment.<Object>get("spec", "template", "spec", "containers", 0, "image"))
        .isEqualTo("culvert:test");
    assertThat(
            deployment.<Object>get(
                "spec", "template", "metadata", "labels", "culvert.dev/dataplane-mode"))
        .isEqualTo("none");
    assertThat(deployment.<Object>get("spec", "template", "spec", "serviceAccountName"))
        .isEqualTo("store");
    assertThat(object("v1", "serviceaccounts")).isPresent();
    GenericKubernetesResource service = object("v1", "services").orElseThrow();
    assertThat(service.<Object>get("spec", "type")).isEqualTo("ClusterIP");
    assertThat(service.<Object>get("spec", "ports", 0, "port")).isEqualTo(15008);
    GenericKubernetesResource scaler =
        object("autoscaling/v2", "horizontalpodautoscalers").orElseThrow();
    assertThat(scaler.<Object>get("spec", "minReplicas")).isEqualTo(2);
    assertThat(scaler.<Object>get("spec", "scaleTargetRef", "name")).isEqualTo("store");
  }

  @Test
  void podsHaveNoPrivileges() throws Exception {
    server.apply(gateway());
    start();
    await(() -> object("apps/v1", "deployments").isPresent());
    GenericKubernetesResource deployment = object("apps/v1", "deployments").orElseThrow();
    assertThat(
            deployment.<Object>get("spec", "template", "spec", "securityContext", "runAsNonRoot"))
        .isEqualTo(true);
    Map<String, Object> container =
        deployment.get("spec", "template", "spec", "containers", 0, "securityContext");
    assertThat(container)
        .containsEntry("allowPrivilegeEscalation", false)
        .containsEntry("readOnlyRootFilesystem", true)
        .containsEntry("capabilities", Map.of("drop", List.of("ALL")));
    assertThat(deployment.<Object>get("spec", "template", "spec", "automountServiceAccountToken"))
        .isEqualTo(false);
    List<Object> spread = deployment.get("spec", "template", "spec", "topologySpreadConstraints");
    assertThat(spread).hasSize(2);
  }

  @Test
  void statusFollowsTheReplicas() throws Exception {
    server.apply(gateway());
    start();
    await(() -> condition("Programmed", "False", "Pending"));
    assertThat(condition("Accepted", "True", "Accepted")).isTrue();
    assertThat(gatewayObject().<Object>get("status", "addresses", 0, "value"))
        .isEqualTo("store.shop.svc.cluster.local");
    server.report("apps/v1", "deployments", "shop", "store", Map.of("availableReplicas", 2));
    await(() -> condition("Programmed", "True", "Programmed"));
    assertThat(gatewayObject().<Object>get("spec", "gatewayClassName"))
        .isEqualTo("culvert-waypoint");
  }

  @Test
  void foreignObjectIsNeverTakenOver() throws Exception {
    server.apply(
        """
        apiVersion: v1
        kind: Service
        metadata: {name: store, namespace: shop, labels: {app: store}}
        spec: {selector: {app: store}, ports: [{port: 80}]}
        """);
    server.apply(gateway());
    start();
    await(() -> condition("Programmed", "False", "NameTaken"));
    assertThat(object("v1", "services").orElseThrow().<Object>get("spec", "ports", 0, "port"))
        .isEqualTo(80);
    assertThat(object("apps/v1", "deployments")).isEmpty();
    server.delete("v1", "services", "shop", "store");
    await(() -> object("apps/v1", "deployments").isPresent());
  }

  @Test
  void objectOfAnEarlierGatewayOfTheNameIsForeign() throws Exception {
    server.apply(gateway());
    start();
    await(() -> condition("Programmed", "False", "Pending"));
    server.apply(gateway().replace("gw-1", "gw-2"));
    await(() -> condition("Programmed", "False", "NameTaken"));
  }

  @Test
  void parametersSayHowManyReplicas() throws Exception {
    server.apply(gateway());
    start();
    await(() -> object("autoscaling/v2", "horizontalpodautoscalers").isPresent());
    server.apply(size("{minReplicas: \"3\", maxReplicas: \"3\"}"));
    server.apply(GATEWAY.formatted("culvert-waypoint", PARAMETERS));
    await(() -> object("autoscaling/v2", "horizontalpodautoscalers").isEmpty());
    assertThat(object("apps/v1", "deployments").orElseThrow().<Object>get("spec", "replicas"))
        .isEqualTo(3);
  }

  @Test
  void nonsenseInParametersIsTold() throws Exception {
    server.apply(size("{minReplicas: many}"));
    server.apply(GATEWAY.formatted("culvert-waypoint", PARAMETERS));
    start();
    await(() -> condition("Accepted", "False", "InvalidParameters"));
    assertThat(object("apps/v1", "deployments")).isEmpty();
    server.apply(size("{replicas: \"2\"}"));
    await(() -> message("Accepted").contains("replicas is not known"));
    server.apply(size("{minReplicas: \"1\"}"));
    await(() -> condition("Accepted", "True", "Accepted"));
  }

  @Test
  void missingParametersAreTold() throws Exception {
    server.apply(GATEWAY.formatted("culvert-waypoint", PARAMETERS));
    start();
    await(() -> condition("Accepted", "False", "InvalidParameters"));
    assertThat(message("Accepted")).contains("ConfigMap size is not there");
  }

  private static final String DOOR =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: store, namespace: shop, uid: gw-1, generation: 3}
      spec:
        gatewayClassName: culvert-gateway
        listeners:
          - {name: http, port: 80, protocol: HTTP}
          - {name: a, port: 443, protocol: HTTPS, hostname: a.example, tls: {certificateRefs: [{name: a}]}}
          - {name: b, port: 443, protocol: HTTPS, hostname: b.example, tls: {certificateRefs: [{name: b}]}}
          - {name: raw, port: 9000, protocol: TCP}
        infrastructure: {%s}
      """;

  @Test
  void frontDoorIsReachedAtItsListenersPorts() throws Exception {
    server.apply(DOOR.formatted(""));
    start();
    await(() -> object("policy/v1", "poddisruptionbudgets").isPresent());
    GenericKubernetesResource service = object("v1", "services").orElseThrow();
    assertThat(service.<Object>get("spec", "type")).isEqualTo("LoadBalancer");
    List<Map<String, Object>> ports = service.get("spec", "ports");
    assertThat(ports)
        .extracting(port -> port.get("name"), port -> port.get("port"))
        .containsExactly(tuple("http-80", 80), tuple("https-443", 443), tuple("tcp-9000", 9000));
    GenericKubernetesResource deployment = object("apps/v1", "deployments").orElseThrow();
    assertThat(deployment.<Object>get("spec", "template", "spec", "containers", 0, "args"))
        .isEqualTo(List.of("gateway"));
    assertThat(deployment.<Object>get("spec", "template", "spec", "serviceAccountName"))
        .isEqualTo("store");
    List<Map<String, Object>> env =
        deployment.get("spec", "template", "spec", "containers", 0, "env");
    assertThat(env).contains(Map.of("name", "CULVERT_GATEWAY", "value", "shop/store"));
    Map<String, Object> security =
        deployment.get("spec", "template", "spec", "containers", 0, "securityContext");
    assertThat(security).containsEntry("capabilities", Map.of("drop", List.of("ALL")));
    assertThat(object("autoscaling/v2", "horizontalpodautoscalers")).isPresent();
    assertThat(object("v1", "serviceaccounts")).isPresent();
  }

  @Test
  void frontDoorIsReachedAtThePortsOfListenersThatItAllows() throws Exception {
    String set =
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: ListenerSet
        metadata: {name: more, namespace: bank}
        spec:
          parentRef: {name: store, namespace: shop}
          listeners:
            - {name: db, port: %d, protocol: TCP}
            - {name: stats, port: 15020, protocol: HTTP}
        """;
    server.install("gateway.networking.k8s.io/v1", "listenersets");
    server.apply(DOOR.formatted(""));
    server.apply(set.formatted(5432));
    start();
    await(() -> ports().equals(List.of(80, 443, 9000)));
    server.apply(DOOR.formatted("") + "  allowedListeners: {namespaces: {from: All}}\n");
    await(() -> ports().equals(List.of(80, 443, 5432, 9000)));
    server.apply(set.formatted(5433));
    await(() -> ports().equals(List.of(80, 443, 5433, 9000)));
    server.delete("gateway.networking.k8s.io/v1", "listenersets", "bank", "more");
    await(() -> ports().equals(List.of(80, 443, 9000)));
    assertThat(
            object("apps/v1", "deployments")
                .orElseThrow()
                .<List<?>>get("spec", "template", "spec", "containers", 0, "ports"))
        .as("its pods open others without being made anew")
        .hasSize(1);
  }

  private List<Integer> ports() {
    List<Map<String, Object>> ports =
        object("v1", "services")
            .<List<Map<String, Object>>>map(one -> one.get("spec", "ports"))
            .orElse(List.of());
    return ports.stream().map(port -> (Integer) port.get("port")).toList();
  }

  @Test
  void frontDoorsAddressIsThatOfItsLoadBalancer() throws Exception {
    server.apply(DOOR.formatted(""));
    start();
    await(() -> condition("Programmed", "False", "AddressNotAssigned"));
    server.report("apps/v1", "deployments", "shop", "store", Map.of("availableReplicas", 2));
    server.report(
        "v1",
        "services",
        "shop",
        "store",
        Map.of("loadBalancer", Map.of("ingress", List.of(Map.of("ip", "198.18.9.1")))));
    await(() -> condition("Programmed", "True", "Programmed"));
    assertThat(gatewayObject().<Object>get("status", "addresses", 0, "value"))
        .isEqualTo("198.18.9.1");
    assertThat(gatewayObject().<Object>get("status", "addresses", 0, "type"))
        .isEqualTo("IPAddress");
  }

  @Test
  void parametersSayHowAFrontDoorIsReached() throws Exception {
    server.apply(size("{serviceType: ClusterIP, minReplicas: \"1\"}"));
    server.apply(DOOR.formatted(PARAMETERS));
    start();
    await(() -> condition("Programmed", "False", "Pending"));
    assertThat(object("v1", "services").orElseThrow().<Object>get("spec", "type"))
        .isEqualTo("ClusterIP");
    assertThat(gatewayObject().<Object>get("status", "addresses", 0, "value"))
        .isEqualTo("store.shop.svc.cluster.local");
    server.apply(size("{serviceType: Nowhere}"));
    await(() -> condition("Accepted", "False", "InvalidParameters"));
    assertThat(message("Accepted")).contains("serviceType is 'Nowhere'", "LoadBalancer");
  }

  @Test
  void frontDoorThatCannotBeMadeSaysWhy() throws Exception {
    server.apply(DOOR.formatted("").replace("port: 80,", "port: 15020,"));
    start();
    await(() -> condition("Accepted", "False", "ListenersNotValid"));
    assertThat(object("apps/v1", "deployments")).isEmpty();
    server.apply(DOOR.formatted("") + "  addresses: [{type: IPAddress, value: 198.18.9.9}]\n");
    await(() -> condition("Accepted", "False", "UnsupportedAddress"));
    server.apply(DOOR.formatted(""));
    await(() -> condition("Accepted", "True", "Accepted"));
  }

  @Test
  void waypointThatBecomesAFrontDoorIsOne() throws Exception {
    server.apply(gateway());
    start();
    await(() -> object("policy/v1", "poddisruptionbudgets").isPresent());
    server.apply(DOOR.formatted(""));
    await(
        () ->
            object("v1", "services")
                .filter(one -> "LoadBalancer".equals(one.get("spec", "type")))
                .isPresent());
  }

  @Test
  void otherClassGetsNothing() throws Exception {
    server.apply(GATEWAY.formatted("istio-waypoint", ""));
    start();
    server.awaitRequests("gatewayclasses", 3);
    assertThat(object("apps/v1", "deployments")).isEmpty();
    assertThat(gatewayObject().getAdditionalProperties()).doesNotContainKey("status");
  }

  @Test
  void changedClassTakesEverythingAway() throws Exception {
    server.apply(gateway());
    start();
    await(() -> object("policy/v1", "poddisruptionbudgets").isPresent());
    server.apply(GATEWAY.formatted("istio-waypoint", ""));
    await(() -> object("policy/v1", "poddisruptionbudgets").isEmpty());
    assertThat(object("apps/v1", "deployments")).isEmpty();
    assertThat(object("v1", "services")).isEmpty();
  }

  @Test
  void whatSomebodyDeletedComesBack() throws Exception {
    server.apply(gateway());
    start();
    await(() -> object("policy/v1", "poddisruptionbudgets").isPresent());
    server.delete("v1", "services", "shop", "store");
    await(() -> object("v1", "services").isPresent());
  }

  @Test
  void newRootReachesTheWaypoint() throws Exception {
    server.apply(gateway());
    start();
    await(() -> roots().equals("ROOT 1"));
    roots = "ROOT 1 ROOT 2";
    await(() -> roots().equals("ROOT 1 ROOT 2"));
  }

  @Test
  void whoDoesNotLeadWritesNothing() throws Exception {
    leads = false;
    server.apply(gateway());
    start();
    assertThat(object("apps/v1", "deployments")).isEmpty();
    assertThat(server.requests("deployments")).isZero();
    leads = true;
    await(() -> object("apps/v1", "deployments").isPresent());
  }

  @Test
  void refusedWriteIsToldAndTriedAgain() throws Exception {
    server.refuse("deployments", 403);
    server.apply(gateway());
    start();
    await(() -> condition("Programmed", "False", "Refused"));
    server.accept("deployments");
    await(() -> object("apps/v1", "deployments").isPresent());
  }

  @Test
  void ownGatewayClassIsAccepted() throws Exception {
    server.apply(gatewayClass("culvert.dev/waypoint-controller"));
    server.apply(gateway());
    start();
    await(() -> accepted().isPresent());
    assertThat(accepted().orElseThrow()).isEqualTo("True");
    await(() -> object("apps/v1", "deployments").isPresent());
  }

  @Test
  void classOfAnotherControllerIsLeftAlone() throws Exception {
    server.apply(gatewayClass("example.com/other"));
    server.apply(gateway());
    start();
    server.awaitRequests("gatewayclasses", 3);
    assertThat(accepted()).isEmpty();
    assertThat(object("apps/v1", "deployments")).isEmpty();
  }

  private void start() throws InterruptedException {
    provisioning =
        Provisioning.start(
            client,
            new WaypointDefaults("culvert:test", WaypointSize.parse("2-5"), "200m", "512Mi"),
            NAMES,
            "culvert-system",
            "istio-ca",
            () -> leads,
            () -> roots,
            Duration.ofMillis(50));
    source =
        KubernetesSource.start(
            client,
            new KubernetesSource.Pace(Duration.ofMillis(1), Duration.ofMillis(20)),
            List.of(),
            provisioning::update);
  }

  private static String gateway() {
    return GATEWAY.formatted("culvert-waypoint", "");
  }

  private static String size(String data) {
    return """
        apiVersion: v1
        kind: ConfigMap
        metadata: {name: size, namespace: shop}
        data: %s
        """
        .formatted(data);
  }

  private static String gatewayClass(String controller) {
    return """
        apiVersion: gateway.networking.k8s.io/v1
        kind: GatewayClass
        metadata: {name: culvert-waypoint}
        spec: {controllerName: %s}
        """
        .formatted(controller);
  }

  private Optional<GenericKubernetesResource> object(String apiVersion, String plural) {
    return server.find(apiVersion, plural, "shop", "store");
  }

  private String roots() {
    return server
        .find("v1", "configmaps", "shop", "store-root-cert")
        .map(map -> map.<String>get("data", "root-cert.pem"))
        .orElse("");
  }

  private GenericKubernetesResource gatewayObject() {
    return object("gateway.networking.k8s.io/v1", "gateways").orElseThrow();
  }

  private boolean condition(String type, String status, String reason) {
    return conditions(gatewayObject()).stream()
        .anyMatch(
            one ->
                type.equals(one.get("type"))
                    && status.equals(one.get("status"))
                    && reason.equals(one.get("reason")));
  }

  private String message(String type) {
    return conditions(gatewayObject()).stream()
        .filter(one -> type.equals(one.get("type")))
        .map(one -> String.valueOf(one.get("message")))
        .findFirst()
        .orElse("");
  }

  private Optional<String> accepted() {
    return server
        .find("gateway.networking.k8s.io/v1", "gatewayclasses", "culvert-waypoint")
        .flatMap(one -> conditions(one).stream().findFirst())
        .map(one -> String.valueOf(one.get("status")));
  }

  private static List<Map<String, Object>> conditions(GenericKubernetesResource object) {
    List<Map<String, Object>> conditions = object.get("status", "conditions");
    return conditions == null ? List.of() : conditions;
  }

  private static void await(BooleanSupplier condition) {
    while (!condition.getAsBoolean()) {
      Thread.onSpinWait();
    }
  }
}

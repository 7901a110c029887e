// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What is said of how requests are carried. */
class TrafficVerdictsTest {
  private static final String KIND = "TrafficPolicy";
  private static final String MESH =
      """
      apiVersion: v1
      kind: Service
      metadata: {name: cart, namespace: shop, labels: {culvert.dev/use-waypoint: store}}
      spec: {clusterIP: 198.18.1.1, ports: [{port: 80}]}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: stock, namespace: shop}
      spec: {clusterIP: 198.18.1.2, ports: [{port: 80}]}
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: store, namespace: shop}
      spec:
        gatewayClassName: culvert-waypoint
        listeners: [{name: mesh, port: 15008, protocol: HBONE}]
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: door, namespace: shop}
      spec:
        gatewayClassName: culvert-gateway
        listeners: [{name: web, port: 80, protocol: HTTP}]
      """;
  private static final String POLICY =
      """
      apiVersion: policy.culvert.dev/v1alpha1
      kind: TrafficPolicy
      metadata: {name: %s, namespace: shop, creationTimestamp: "%s"}
      spec:
        targetRefs: [%s]
        %s
      """;
  private static final String ROUTE =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: web, namespace: shop}
      spec:
        parentRefs: [{name: %s}]
        rules: [{backendRefs: [{name: stock, port: 80}]}]
      """;
  private static final String RETRIES = "retries: {attempts: 3}";
  private static final String PROXIES = "proxyProtocol: {acceptFrom: [198.18.0.0/16]}";
  private static final String OLD = "2026-01-01T00:00:00Z";
  private static final String YOUNG = "2026-02-01T00:00:00Z";
  private static final String CART = "{group: \"\", kind: Service, name: cart}";
  private static final String STOCK = "{group: \"\", kind: Service, name: stock}";
  private static final String GATEWAY_API = "group: gateway.networking.k8s.io, ";

  private final JudgedMesh mesh = new JudgedMesh();

  @BeforeEach
  void open() {
    mesh.apply(MESH);
  }

  @Test
  void policyOfAServiceWithAWaypointIsHeldTo() {
    mesh.apply(policy("rules", OLD, CART));
    assertThat(said("rules"))
        .containsExactly("Accepted=true Accepted", "WaypointBound=true Accepted");
  }

  @Test
  void policyOfAServiceThatNobodySendsToIsHeldToByNobody() {
    mesh.apply(policy("rules", OLD, STOCK));
    assertThat(said("rules"))
        .containsExactly("Accepted=true Accepted", "WaypointBound=false AncestorNotBound");
    assertThat(mesh.message(KIND, "rules", Say.WAYPOINT_BOUND))
        .contains("Service shop/stock", "culvert.dev/use-waypoint");
    assertThat(mesh.said().lines())
        .anyMatch(line -> line.startsWith("TrafficPolicy shop/rules: Service shop/stock"));
    mesh.apply(ROUTE.formatted("door"));
    assertThat(said("rules")).as("a front door does").contains("WaypointBound=true Accepted");
  }

  @Test
  void policyOfWhatIsNotThereNamesIt() {
    mesh.apply(policy("rules", OLD, "{group: \"\", kind: Service, name: crat}"));
    assertThat(said("rules")).containsExactly("Accepted=false TargetNotFound");
    assertThat(mesh.message(KIND, "rules", Say.ACCEPTED))
        .contains("there is no Service shop/crat", "targetRefs");
  }

  @Test
  void oneMissingTargetLeavesTheOthers() {
    mesh.apply(policy("rules", OLD, CART + ", {group: \"\", kind: Service, name: crat}"));
    assertThat(said("rules"))
        .containsExactly(
            "Accepted=true Accepted",
            "PartiallyInvalid=true UnsupportedValue",
            "WaypointBound=true Accepted");
    assertThat(mesh.message(KIND, "rules", Say.PARTIALLY_INVALID)).contains("shop/crat");
  }

  @Test
  void youngerPolicyOfAServiceIsInConflict() {
    mesh.apply(policy("young", YOUNG, CART));
    mesh.apply(policy("old", OLD, CART));
    assertThat(said("old")).contains("Accepted=true Accepted");
    assertThat(said("young")).containsExactly("Accepted=false Conflicted");
    assertThat(mesh.message(KIND, "young", Say.ACCEPTED))
        .contains("TrafficPolicy shop/old", "remove one");
    mesh.delete(KIND, "old");
    assertThat(said("young")).contains("Accepted=true Accepted");
  }

  @Test
  void policyOfARouteIsHeldToWhereTheRouteIs() {
    mesh.apply(ROUTE.formatted("door"));
    mesh.apply(policy("rules", OLD, "{" + GATEWAY_API + "kind: HTTPRoute, name: web}"));
    assertThat(said("rules")).contains("WaypointBound=true Accepted");
    mesh.apply(ROUTE.formatted("store"));
    assertThat(said("rules")).contains("WaypointBound=false AncestorNotBound");
    assertThat(mesh.message(KIND, "rules", Say.WAYPOINT_BOUND)).contains("HTTPRoute shop/web");
  }

  @Test
  void clientsOfAFrontDoorAreTakenAsItIsTold() {
    String door = "{" + GATEWAY_API + "kind: Gateway, name: %s, sectionName: %s}";
    mesh.apply(POLICY.formatted("clients", OLD, door.formatted("door", "web"), PROXIES));
    assertThat(said("clients"))
        .containsExactly("Accepted=true Accepted", "WaypointBound=true Accepted");
    mesh.apply(POLICY.formatted("clients", OLD, door.formatted("door", "wbe"), PROXIES));
    assertThat(said("clients")).containsExactly("Accepted=false TargetNotFound");
    assertThat(mesh.message(KIND, "clients", Say.ACCEPTED)).contains("no listener wbe");
    mesh.apply(POLICY.formatted("clients", OLD, door.formatted("store", "mesh"), PROXIES));
    assertThat(said("clients")).containsExactly("Accepted=false TargetNotFound");
    assertThat(mesh.message(KIND, "clients", Say.ACCEPTED)).contains("culvert-gateway");
  }

  private static String policy(String name, String made, String targets) {
    return POLICY.formatted(name, made, targets, RETRIES);
  }

  private List<String> said(String name) {
    return mesh.policy(KIND, name);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.provision;

import static dev.culvert.controlplane.peers.Await.await;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What a front door gets, on an API server. */
@Timeout(60)
class FrontDoorProvisioningTest {
  private static final String WAYPOINT = Gateways.OF_CLASS.formatted("culvert-waypoint", "");
  private static final String DOOR = Gateways.DOOR.formatted("");

  private ProvisionedCluster cluster;

  @BeforeEach
  void open() throws Exception {
    cluster = new ProvisionedCluster();
  }

  @AfterEach
  void close() {
    cluster.close();
  }

  @Test
  void frontDoorIsReachedAtItsListenersPorts() throws Exception {
    cluster.server().apply(DOOR);
    cluster.start();
    await(() -> cluster.object("policy/v1", "poddisruptionbudgets").isPresent());
    GenericKubernetesResource service = cluster.object("v1", "services").orElseThrow();
    assertThat(service.<Object>get("spec", "type")).isEqualTo("LoadBalancer");
    List<Map<String, Object>> ports = service.get("spec", "ports");
    assertThat(ports)
        .extracting(port -> port.get("name"), port -> port.get("port"))
        .containsExactly(tuple("http-80", 80), tuple("https-443", 443), tuple("tcp-9000", 9000));
    GenericKubernetesResource deployment = cluster.object("apps/v1", "deployments").orElseThrow();
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
    assertThat(cluster.object("autoscaling/v2", "horizontalpodautoscalers")).isPresent();
    assertThat(cluster.object("v1", "serviceaccounts")).isPresent();
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
    cluster.server().install("gateway.networking.k8s.io/v1", "listenersets");
    cluster.server().apply(DOOR);
    cluster.server().apply(set.formatted(5432));
    cluster.start();
    await(() -> cluster.ports().equals(List.of(80, 443, 9000)));
    cluster.server().apply(DOOR + "  allowedListeners: {namespaces: {from: All}}\n");
    await(() -> cluster.ports().equals(List.of(80, 443, 5432, 9000)));
    cluster.server().apply(set.formatted(5433));
    await(() -> cluster.ports().equals(List.of(80, 443, 5433, 9000)));
    cluster.server().delete("gateway.networking.k8s.io/v1", "listenersets", "bank", "more");
    await(() -> cluster.ports().equals(List.of(80, 443, 9000)));
    assertThat(
            cluster
                .object("apps/v1", "deployments")
                .orElseThrow()
                .<List<?>>get("spec", "template", "spec", "containers", 0, "ports"))
        .as("its pods open others without being made anew")
        .hasSize(1);
  }

  @Test
  void frontDoorsAddressIsThatOfItsLoadBalancer() throws Exception {
    cluster.server().apply(DOOR);
    cluster.start();
    await(() -> cluster.condition("Programmed", "False", "AddressNotAssigned"));
    cluster
        .server()
        .report("apps/v1", "deployments", "shop", "store", Map.of("availableReplicas", 2));
    cluster
        .server()
        .report(
            "v1",
            "services",
            "shop",
            "store",
            Map.of("loadBalancer", Map.of("ingress", List.of(Map.of("ip", "198.18.9.1")))));
    await(() -> cluster.condition("Programmed", "True", "Programmed"));
    assertThat(cluster.gateway().<Object>get("status", "addresses", 0, "value"))
        .isEqualTo("198.18.9.1");
    assertThat(cluster.gateway().<Object>get("status", "addresses", 0, "type"))
        .isEqualTo("IPAddress");
  }

  @Test
  void parametersSayHowAFrontDoorIsReached() throws Exception {
    cluster.server().apply(Gateways.size("{serviceType: ClusterIP, minReplicas: \"1\"}"));
    cluster.server().apply(Gateways.DOOR.formatted(Gateways.PARAMETERS));
    cluster.start();
    await(() -> cluster.condition("Programmed", "False", "Pending"));
    assertThat(cluster.object("v1", "services").orElseThrow().<Object>get("spec", "type"))
        .isEqualTo("ClusterIP");
    assertThat(cluster.gateway().<Object>get("status", "addresses", 0, "value"))
        .isEqualTo("store.shop.svc.cluster.local");
    cluster.server().apply(Gateways.size("{serviceType: Nowhere}"));
    await(() -> cluster.condition("Accepted", "False", "InvalidParameters"));
    assertThat(cluster.message("Accepted")).contains("serviceType is 'Nowhere'", "LoadBalancer");
  }

  @Test
  void frontDoorThatCannotBeMadeSaysWhy() throws Exception {
    cluster.server().apply(DOOR.replace("port: 80,", "port: 15020,"));
    cluster.start();
    await(() -> cluster.condition("Accepted", "False", "ListenersNotValid"));
    assertThat(cluster.object("apps/v1", "deployments")).isEmpty();
    cluster.server().apply(DOOR + "  addresses: [{type: IPAddress}]\n");
    await(() -> cluster.condition("Accepted", "True", "Accepted"));
  }

  private void balanced(String... addresses) {
    List<Map<String, String>> ingress =
        Stream.of(addresses).map(address -> Map.of("ip", address)).toList();
    cluster
        .server()
        .report(
            "v1", "services", "shop", "store", Map.of("loadBalancer", Map.of("ingress", ingress)));
  }

  private static String asking(String... addresses) {
    return DOOR
        + "  addresses: ["
        + Stream.of(addresses)
            .map("{type: IPAddress, value: \"%s\"}"::formatted)
            .collect(Collectors.joining(", "))
        + "]\n";
  }

  private Object ofService(String field) {
    return cluster.object("v1", "services").orElseThrow().<Object>get("spec", field);
  }

  @Test
  void gatewayStaticAddresses() throws Exception {
    cluster
        .server()
        .apply(
            DOOR
                + "  addresses: [{type: test/fake-invalid-type, value: fake}, {value: 198.18.9.8},"
                + " {value: 198.18.9.9}]\n");
    cluster.start();
    await(() -> cluster.condition("Accepted", "False", "UnsupportedAddress"));
    assertThat(cluster.object("v1", "services")).isEmpty();
    cluster.server().apply(asking("198.18.9.8", "198.18.9.9"));
    await(() -> cluster.condition("Programmed", "False", "AddressNotUsable"));
    assertThat(cluster.condition("Accepted", "True", "Accepted")).isTrue();
    assertThat(cluster.message("Programmed")).contains("198.18.9.8, 198.18.9.9", "it has none");
    cluster.server().apply(asking("198.18.9.9"));
    await(() -> "198.18.9.9".equals(ofService("loadBalancerIP")));
    cluster
        .server()
        .report("apps/v1", "deployments", "shop", "store", Map.of("availableReplicas", 2));
    balanced("198.18.9.1");
    await(() -> cluster.message("Programmed").contains("it has 198.18.9.1"));
    balanced("198.18.9.9");
    await(() -> cluster.condition("Programmed", "True", "Programmed"));
    assertThat(cluster.gateway().<List<?>>get("status", "addresses"))
        .isEqualTo(List.of(Map.of("type", "IPAddress", "value", "198.18.9.9")));
  }

  @Test
  void staticAddressThatNobodyCouldReachIsNotUsable() throws Exception {
    cluster.server().apply(asking("127.0.0.1"));
    cluster.start();
    await(() -> cluster.condition("Programmed", "False", "AddressNotUsable"));
    assertThat(cluster.message("Programmed")).contains("127.0.0.1", "ask for another");
    assertThat(ofService("loadBalancerIP")).isNull();
    cluster.server().apply(DOOR + "  addresses: [{type: Hostname, value: a.example.com}]\n");
    await(() -> cluster.condition("Accepted", "False", "UnsupportedAddress"));
  }

  @Test
  void staticAddressesOfAServiceWithoutALoadBalancerAreItsExternalOnes() throws Exception {
    cluster.server().apply(Gateways.size("{serviceType: ClusterIP}"));
    cluster
        .server()
        .apply(
            Gateways.DOOR.formatted(Gateways.PARAMETERS)
                + "  addresses: [{value: 198.18.9.9}, {value: \"fd00:c01::9\"}]\n");
    cluster.start();
    await(() -> cluster.condition("Programmed", "False", "Pending"));
    assertThat((List<?>) ofService("externalIPs")).hasSize(2);
    assertThat(cluster.gateway().<Object>get("status", "addresses", 0, "value"))
        .isEqualTo("198.18.9.9");
  }

  @Test
  void frontDoorSaysWhichOfItsListenersAreNotServed() throws Exception {
    cluster.server().apply(DOOR.replace("name: raw, port: 9000", "name: raw, port: 80"));
    cluster.start();
    await(() -> cluster.condition("Accepted", "True", "ListenersNotValid"));
    assertThat(cluster.message("Accepted")).contains("all but listener http, raw");
    cluster
        .server()
        .apply(
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: Gateway
            metadata: {name: store, namespace: shop, uid: gw-1, generation: 4}
            spec:
              gatewayClassName: culvert-gateway
              listeners: [{name: a, port: 80, protocol: HTTP}, {name: b, port: 80, protocol: HTTP}]
            """);
    await(() -> cluster.condition("Accepted", "False", "ListenersNotValid"));
    cluster.server().apply(DOOR);
    await(() -> cluster.condition("Accepted", "True", "Accepted"));
  }

  @Test
  void waypointThatBecomesAFrontDoorIsOne() throws Exception {
    cluster.server().apply(WAYPOINT);
    cluster.start();
    await(() -> cluster.object("policy/v1", "poddisruptionbudgets").isPresent());
    cluster.server().apply(DOOR);
    await(
        () ->
            cluster
                .object("v1", "services")
                .filter(one -> "LoadBalancer".equals(one.get("spec", "type")))
                .isPresent());
  }
}

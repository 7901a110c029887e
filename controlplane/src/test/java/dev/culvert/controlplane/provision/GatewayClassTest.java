// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.provision;

import static dev.culvert.controlplane.peers.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What GatewayClasses of ours say, on an API server. */
@Timeout(60)
class GatewayClassTest {
  private ProvisionedCluster cluster;

  @BeforeEach
  void open() throws Exception {
    cluster = new ProvisionedCluster();
  }

  @AfterEach
  void close() {
    cluster.close();
  }

  private void apply(String name, String controller) {
    cluster
        .server()
        .apply(
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: GatewayClass
            metadata: {name: %s, generation: 1}
            spec: {controllerName: %s}
            """
                .formatted(name, controller));
  }

  private void install(String version) {
    cluster
        .server()
        .apply(
            """
            apiVersion: apiextensions.k8s.io/v1
            kind: CustomResourceDefinition
            metadata:
              name: gatewayclasses.gateway.networking.k8s.io
              annotations: {%s}
            spec:
              group: gateway.networking.k8s.io
              scope: Cluster
              names: {plural: gatewayclasses, kind: GatewayClass}
              versions: [{name: v1, served: true, storage: true}]
            """
                .formatted(version));
  }

  private GenericKubernetesResource known(String name) {
    return cluster
        .server()
        .find("gateway.networking.k8s.io/v1", "gatewayclasses", name)
        .orElseThrow();
  }

  private boolean says(String name, String type, String status, String reason) {
    List<Map<String, Object>> conditions = known(name).get("status", "conditions");
    return conditions != null
        && conditions.stream()
            .anyMatch(
                one ->
                    type.equals(one.get("type"))
                        && status.equals(one.get("status"))
                        && reason.equals(one.get("reason")));
  }

  @Test
  void classTellsWhatItSupportsInTheOrderOfTheAlphabet() throws Exception {
    install("gateway.networking.k8s.io/bundle-version: v1.6.0");
    apply("culvert-gateway", "culvert.dev/gateway-controller");
    apply("culvert-waypoint", "culvert.dev/waypoint-controller");
    cluster.start();
    await(() -> says("culvert-gateway", "SupportedVersion", "True", "SupportedVersion"));
    List<Map<String, String>> features =
        known("culvert-gateway").get("status", "supportedFeatures");
    assertThat(features)
        .extracting(one -> one.get("name"))
        .contains("Gateway", "HTTPRoute", "HTTPRouteCORS", "ListenerSet")
        .doesNotContain("UDPRoute", "Mesh")
        .isSorted()
        .doesNotHaveDuplicates()
        .hasSizeLessThanOrEqualTo(64);
    await(() -> says("culvert-waypoint", "Accepted", "True", "Accepted"));
    assertThat(
            known("culvert-waypoint").<List<Map<String, String>>>get("status", "supportedFeatures"))
        .contains(Map.of("name", "MeshConsumerRoute"));
  }

  @Test
  void versionIsThatOfTheKindsThatAreInstalled() throws Exception {
    apply("culvert-gateway", "culvert.dev/gateway-controller");
    cluster.start();
    await(() -> says("culvert-gateway", "SupportedVersion", "False", "UnsupportedVersion"));
    assertThat(says("culvert-gateway", "Accepted", "True", "Accepted")).isTrue();
    for (String version : List.of("v1.6.0", "v1.2.1", "v1.5.0-rc.1")) {
      install("gateway.networking.k8s.io/bundle-version: " + version);
      await(() -> says("culvert-gateway", "SupportedVersion", "True", "SupportedVersion"));
      install("gateway.networking.k8s.io/bundle-version: v0.0.0");
      await(() -> says("culvert-gateway", "SupportedVersion", "False", "UnsupportedVersion"));
    }
  }

  @Test
  void classOfAnotherNameIsToldThatItIsNotServed() throws Exception {
    apply("mine", "culvert.dev/gateway-controller");
    apply("theirs", "example.com/other");
    cluster.start();
    await(() -> says("mine", "Accepted", "False", "Unsupported"));
    assertThat(known("theirs").getAdditionalProperties()).doesNotContainKey("status");
  }
}

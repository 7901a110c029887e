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

/** What a waypoint gets, on an API server. */
@Timeout(60)
class WaypointProvisioningTest {
  private static final String WAYPOINT = Gateways.OF_CLASS.formatted("culvert-waypoint", "");

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
  void waypointGetsAllThatItNeeds() throws Exception {
    cluster.server().apply(WAYPOINT);
    cluster.start();
    await(() -> cluster.object("policy/v1", "poddisruptionbudgets").isPresent());

    GenericKubernetesResource deployment = cluster.object("apps/v1", "deployments").orElseThrow();
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
    assertThat(cluster.object("v1", "serviceaccounts")).isPresent();
    GenericKubernetesResource service = cluster.object("v1", "services").orElseThrow();
    assertThat(service.<Object>get("spec", "type")).isEqualTo("ClusterIP");
    assertThat(service.<Object>get("spec", "ports", 0, "port")).isEqualTo(15008);
    GenericKubernetesResource scaler =
        cluster.object("autoscaling/v2", "horizontalpodautoscalers").orElseThrow();
    assertThat(scaler.<Object>get("spec", "minReplicas")).isEqualTo(2);
    assertThat(scaler.<Object>get("spec", "scaleTargetRef", "name")).isEqualTo("store");
  }

  @Test
  void podsHaveNoPrivileges() throws Exception {
    cluster.server().apply(WAYPOINT);
    cluster.start();
    await(() -> cluster.object("apps/v1", "deployments").isPresent());
    GenericKubernetesResource deployment = cluster.object("apps/v1", "deployments").orElseThrow();
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
    cluster.server().apply(WAYPOINT);
    cluster.start();
    await(() -> cluster.condition("Programmed", "False", "Pending"));
    assertThat(cluster.condition("Accepted", "True", "Accepted")).isTrue();
    assertThat(cluster.gateway().<Object>get("status", "addresses", 0, "value"))
        .isEqualTo("store.shop.svc.cluster.local");
    cluster
        .server()
        .report("apps/v1", "deployments", "shop", "store", Map.of("availableReplicas", 2));
    await(() -> cluster.condition("Programmed", "True", "Programmed"));
    assertThat(cluster.gateway().<Object>get("spec", "gatewayClassName"))
        .isEqualTo("culvert-waypoint");
  }

  @Test
  void parametersSayHowManyReplicas() throws Exception {
    cluster.server().apply(WAYPOINT);
    cluster.start();
    await(() -> cluster.object("autoscaling/v2", "horizontalpodautoscalers").isPresent());
    cluster.server().apply(Gateways.size("{minReplicas: \"3\", maxReplicas: \"3\"}"));
    cluster.server().apply(Gateways.OF_CLASS.formatted("culvert-waypoint", Gateways.PARAMETERS));
    await(() -> cluster.object("autoscaling/v2", "horizontalpodautoscalers").isEmpty());
    assertThat(
            cluster.object("apps/v1", "deployments").orElseThrow().<Object>get("spec", "replicas"))
        .isEqualTo(3);
  }

  @Test
  void nonsenseInParametersIsTold() throws Exception {
    cluster.server().apply(Gateways.size("{minReplicas: many}"));
    cluster.server().apply(Gateways.OF_CLASS.formatted("culvert-waypoint", Gateways.PARAMETERS));
    cluster.start();
    await(() -> cluster.condition("Accepted", "False", "InvalidParameters"));
    assertThat(cluster.object("apps/v1", "deployments")).isEmpty();
    cluster.server().apply(Gateways.size("{replicas: \"2\"}"));
    await(() -> cluster.message("Accepted").contains("replicas is not known"));
    cluster.server().apply(Gateways.size("{minReplicas: \"1\"}"));
    await(() -> cluster.condition("Accepted", "True", "Accepted"));
  }

  @Test
  void missingParametersAreTold() throws Exception {
    cluster.server().apply(Gateways.OF_CLASS.formatted("culvert-waypoint", Gateways.PARAMETERS));
    cluster.start();
    await(() -> cluster.condition("Accepted", "False", "InvalidParameters"));
    assertThat(cluster.message("Accepted")).contains("ConfigMap size is not there");
  }

  @Test
  void newRootReachesTheWaypoint() throws Exception {
    cluster.server().apply(WAYPOINT);
    cluster.start();
    await(() -> cluster.roots().equals("ROOT 1"));
    cluster.trust("ROOT 1 ROOT 2");
    await(() -> cluster.roots().equals("ROOT 1 ROOT 2"));
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.provision;

import static dev.culvert.controlplane.peers.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What of an API server belongs to a Gateway, and is written, and what is never touched. */
@Timeout(60)
class OwnershipTest {
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
  void foreignObjectIsNeverTakenOver() throws Exception {
    cluster
        .server()
        .apply(
            """
        apiVersion: v1
        kind: Service
        metadata: {name: store, namespace: shop, labels: {app: store}}
        spec: {selector: {app: store}, ports: [{port: 80}]}
        """);
    cluster.server().apply(WAYPOINT);
    cluster.start();
    await(() -> cluster.condition("Programmed", "False", "NameTaken"));
    assertThat(
            cluster.object("v1", "services").orElseThrow().<Object>get("spec", "ports", 0, "port"))
        .isEqualTo(80);
    assertThat(cluster.object("apps/v1", "deployments")).isEmpty();
    cluster.server().delete("v1", "services", "shop", "store");
    await(() -> cluster.object("apps/v1", "deployments").isPresent());
  }

  @Test
  void objectOfAnEarlierGatewayOfTheNameIsForeign() throws Exception {
    cluster.server().apply(WAYPOINT);
    cluster.start();
    await(() -> cluster.condition("Programmed", "False", "Pending"));
    cluster.server().apply(WAYPOINT.replace("gw-1", "gw-2"));
    await(() -> cluster.condition("Programmed", "False", "NameTaken"));
  }

  @Test
  void otherClassGetsNothing() throws Exception {
    cluster.server().apply(Gateways.OF_CLASS.formatted("istio-waypoint", ""));
    cluster.start();
    cluster.server().awaitRequests("gatewayclasses", 3);
    assertThat(cluster.object("apps/v1", "deployments")).isEmpty();
    assertThat(cluster.gateway().getAdditionalProperties()).doesNotContainKey("status");
  }

  @Test
  void changedClassTakesEverythingAway() throws Exception {
    cluster.server().apply(WAYPOINT);
    cluster.start();
    await(() -> cluster.object("policy/v1", "poddisruptionbudgets").isPresent());
    cluster.server().apply(Gateways.OF_CLASS.formatted("istio-waypoint", ""));
    await(() -> cluster.object("policy/v1", "poddisruptionbudgets").isEmpty());
    assertThat(cluster.object("apps/v1", "deployments")).isEmpty();
    assertThat(cluster.object("v1", "services")).isEmpty();
  }

  @Test
  void whatSomebodyDeletedComesBack() throws Exception {
    cluster.server().apply(WAYPOINT);
    cluster.start();
    await(() -> cluster.object("policy/v1", "poddisruptionbudgets").isPresent());
    cluster.server().delete("v1", "services", "shop", "store");
    await(() -> cluster.object("v1", "services").isPresent());
  }

  @Test
  void whoDoesNotLeadWritesNothing() throws Exception {
    cluster.lead(false);
    cluster.server().apply(WAYPOINT);
    cluster.start();
    assertThat(cluster.object("apps/v1", "deployments")).isEmpty();
    assertThat(cluster.server().requests("deployments")).isZero();
    cluster.lead(true);
    await(() -> cluster.object("apps/v1", "deployments").isPresent());
  }

  @Test
  void refusedWriteIsToldAndTriedAgain() throws Exception {
    cluster.server().refuse("deployments", 403);
    cluster.server().apply(WAYPOINT);
    cluster.start();
    await(() -> cluster.condition("Programmed", "False", "Refused"));
    cluster.server().accept("deployments");
    await(() -> cluster.object("apps/v1", "deployments").isPresent());
  }

  @Test
  void ownGatewayClassIsAccepted() throws Exception {
    cluster.server().apply(Gateways.gatewayClass("culvert.dev/waypoint-controller"));
    cluster.server().apply(WAYPOINT);
    cluster.start();
    await(() -> cluster.classAccepted().isPresent());
    assertThat(cluster.classAccepted().orElseThrow()).isEqualTo("True");
    await(() -> cluster.object("apps/v1", "deployments").isPresent());
  }

  @Test
  void classOfAnotherControllerIsLeftAlone() throws Exception {
    cluster.server().apply(Gateways.gatewayClass("example.com/other"));
    cluster.server().apply(WAYPOINT);
    cluster.start();
    cluster.server().awaitRequests("gatewayclasses", 3);
    assertThat(cluster.classAccepted()).isEmpty();
    assertThat(cluster.object("apps/v1", "deployments")).isEmpty();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.install;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.cli.CommandRun;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InstallTest {
  @TempDir private Path folder;
  private TestCluster cluster;
  private String kubeconfig;

  @BeforeEach
  void begin() throws IOException {
    cluster = new TestCluster();
    kubeconfig = cluster.kubeconfig(folder).toString();
  }

  @AfterEach
  void end() {
    cluster.close();
  }

  @Test
  void installsEverythingAndWaits() {
    CommandRun run = CommandRun.of("install", "--kubeconfig", kubeconfig);
    assertThat(run.code()).as(run.output()).isZero();
    assertThat(cluster.names())
        .contains(
            "namespaces -/culvert-system",
            "customresourcedefinitions -/authorizationpolicies.policy.culvert.dev",
            "deployments culvert-system/culvert-controlplane",
            "daemonsets culvert-system/culvert-agent",
            "daemonsets culvert-system/ztunnel",
            "clusterroles -/culvert-controlplane");
    assertThat(run.output())
        .contains("DaemonSet ztunnel: 2 of 2 are ready")
        .contains("kubectl label namespace NAME culvert.dev/dataplane-mode=ambient");
  }

  @Test
  void whatOthersStandOnComesFirst() {
    CommandRun.of("install", "--kubeconfig", kubeconfig);
    assertThat(cluster.changes())
        .containsSubsequence(
            "PATCH namespaces -/culvert-system",
            "PATCH serviceaccounts culvert-system/culvert-controlplane",
            "PATCH deployments culvert-system/culvert-controlplane");
  }

  @Test
  void valueReachesTheObjects() {
    CommandRun.of(
        "install", "--kubeconfig", kubeconfig, "--set", "controlplane.replicas=3", "--no-wait");
    GenericKubernetesResource deployment =
        (GenericKubernetesResource)
            cluster.get("deployments", "culvert-system", "culvert-controlplane");
    assertThat(deployment.<Integer>get("spec", "replicas")).isEqualTo(3);
  }

  @Test
  void misspeltValueIsRefusedBeforeAnythingIsApplied() {
    CommandRun run =
        CommandRun.of("install", "--kubeconfig", kubeconfig, "--set", "ztunnel.drain=1h");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.output()).contains("drain");
    assertThat(cluster.changes()).isEmpty();
  }

  @Test
  void dryRunPrintsAndAsksNobody() {
    cluster.close();
    CommandRun run = CommandRun.of("install", "--dry-run", "--set", "log.level=debug");
    assertThat(run.code()).isZero();
    assertThat(run.output()).contains("kind: DaemonSet").contains("value: \"debug\"");
  }

  @Test
  void secondInstallIsRefusedAndUpgradeIsNamed() {
    CommandRun.of("install", "--kubeconfig", kubeconfig);
    CommandRun run = CommandRun.of("install", "--kubeconfig", kubeconfig);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.output()).contains("culvert upgrade");
  }

  @Test
  void namespaceThatIsBeingDeletedIsNotInstalledInto() {
    cluster.put(
        "namespaces",
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: culvert-system, deletionTimestamp: "2026-11-28T06:30:00Z"}
        status:
          phase: Terminating
          conditions: [{type: NamespaceContentRemaining, status: "True", message: pods. has 4 resource instances}]
        """);
    CommandRun run = CommandRun.of("install", "--kubeconfig", kubeconfig);
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.output())
        .contains(
            "culvert-system is being deleted (pods. has 4 resource instances)", "kubectl wait");
    assertThat(cluster.changes()).isEmpty();
  }

  @Test
  void upgradeOfNothingIsRefusedAndInstallIsNamed() {
    CommandRun run = CommandRun.of("upgrade", "--kubeconfig", kubeconfig);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.output()).contains("culvert install");
  }

  @Test
  void upgradeRemovesWhatTheNewValuesHaveNot() {
    CommandRun.of("install", "--kubeconfig", kubeconfig);
    assertThat(cluster.names()).contains("networkpolicies culvert-system/ztunnel");
    CommandRun run =
        CommandRun.of(
            "upgrade", "--kubeconfig", kubeconfig, "--set", "networkPolicy.enabled=false");
    assertThat(run.code()).as(run.output()).isZero();
    assertThat(cluster.names()).doesNotContain("networkpolicies culvert-system/ztunnel");
    assertThat(cluster.names()).contains("daemonsets culvert-system/ztunnel");
  }

  @Test
  void rolloutThatHangsNamesThePodAndItsReason() {
    cluster.holdRollouts();
    cluster.put(
        "pods",
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: ztunnel-x, namespace: culvert-system, labels: {app: ztunnel}}
        spec: {containers: [{name: ztunnel}]}
        status:
          containerStatuses:
            - {name: ztunnel, state: {waiting: {reason: ImagePullBackOff, message: no such image}}}
        """);
    cluster.put(
        "pods",
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: ztunnel-old, namespace: culvert-system, labels: {app: ztunnel}, deletionTimestamp: "2026-11-28T06:39:02Z"}
        """);
    CommandRun run = CommandRun.of("install", "--kubeconfig", kubeconfig, "--timeout", "1s");
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.output()).contains("Pod ztunnel-x: ImagePullBackOff: no such image");
    assertThat(run.output()).contains("Pod ztunnel-old: is ending still");
  }

  @Test
  void installationByHelmIsLeftToHelm() {
    cluster.put(
        "deployments",
        """
        apiVersion: apps/v1
        kind: Deployment
        metadata:
          name: culvert-controlplane
          namespace: culvert-system
          labels: {app.kubernetes.io/managed-by: Helm, app.kubernetes.io/version: 0.1.0}
        spec: {}
        """);
    CommandRun run = CommandRun.of("upgrade", "--kubeconfig", kubeconfig);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.output()).contains("managed by Helm");
  }

  @Test
  void uninstallIsRefusedWhileNamespacesAreInTheMesh() {
    CommandRun.of("install", "--kubeconfig", kubeconfig);
    enrol("shop");
    CommandRun run = CommandRun.of("uninstall", "--kubeconfig", kubeconfig);
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.output()).contains("shop").contains("--opt-out");
    assertThat(cluster.names()).contains("daemonsets culvert-system/ztunnel");
  }

  @Test
  void uninstallOptsOutCleansNodesAndLeavesPolicies() {
    CommandRun.of("install", "--kubeconfig", kubeconfig);
    enrol("shop");
    CommandRun run = CommandRun.of("uninstall", "--kubeconfig", kubeconfig, "--opt-out");
    assertThat(run.code()).as(run.output()).isZero();
    assertThat(cluster.get("namespaces", null, "shop").getMetadata().getLabels())
        .doesNotContainKey("culvert.dev/dataplane-mode");
    assertThat(cluster.changes())
        .containsSubsequence(
            "PATCH namespaces -/shop",
            "DELETE daemonsets culvert-system/culvert-agent",
            "PATCH daemonsets culvert-system/culvert-node-clean",
            "DELETE daemonsets culvert-system/culvert-node-clean",
            "DELETE deployments culvert-system/culvert-controlplane");
    assertThat(cluster.names())
        .containsExactlyInAnyOrder(
            "namespaces -/shop",
            "namespaces -/culvert-system",
            "customresourcedefinitions -/authorizationpolicies.policy.culvert.dev",
            "customresourcedefinitions -/peerauthentications.policy.culvert.dev",
            "customresourcedefinitions -/requestauthentications.policy.culvert.dev",
            "customresourcedefinitions -/trafficpolicies.policy.culvert.dev");
  }

  @Test
  void nodesAreCleanedAlsoWithoutAnAgent() {
    CommandRun run =
        CommandRun.of(
            "uninstall", "--kubeconfig", kubeconfig, "--clean-nodes", "--set", "image.tag=v7");
    assertThat(run.code()).as(run.output()).isZero();
    assertThat(cluster.changes())
        .containsExactly(
            "PATCH daemonsets culvert-system/culvert-node-clean",
            "DELETE daemonsets culvert-system/culvert-node-clean");
  }

  @Test
  void purgeLeavesNothing() {
    CommandRun.of("install", "--kubeconfig", kubeconfig);
    CommandRun run = CommandRun.of("uninstall", "--kubeconfig", kubeconfig, "--purge");
    assertThat(run.code()).as(run.output()).isZero();
    assertThat(cluster.names()).isEmpty();
  }

  private void enrol(String namespace) {
    cluster.put(
        "namespaces",
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: %s, labels: {culvert.dev/dataplane-mode: ambient, team: a}}
        """
            .formatted(namespace));
  }
}

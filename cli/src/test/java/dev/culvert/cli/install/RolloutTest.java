// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.install;

import static org.assertj.core.api.Assertions.assertThat;

import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A ztunnel of one node that is upgraded, while its status counts the older pod. */
class RolloutTest {
  private static final String OLD = "6f";
  private static final String NEW = "b7";

  @TempDir private Path folder;
  private TestCluster cluster;
  private KubernetesClient client;

  @BeforeEach
  void begin() throws IOException {
    cluster = new TestCluster();
    Config config = Config.fromKubeconfig(cluster.kubeconfig(folder).toFile());
    client = new KubernetesClientBuilder().withConfig(config).build();
    cluster.put(
        "daemonsets",
        """
        apiVersion: apps/v1
        kind: DaemonSet
        metadata: {name: ztunnel, namespace: mesh, generation: 2}
        status: {observedGeneration: 2, desiredNumberScheduled: 1, updatedNumberScheduled: 0, numberAvailable: 0}
        """);
    revision(1, OLD);
    revision(2, NEW);
  }

  @AfterEach
  void end() {
    client.close();
    cluster.close();
  }

  private void revision(int number, String hash) {
    cluster.put(
        "controllerrevisions",
        """
        apiVersion: apps/v1
        kind: ControllerRevision
        metadata: {name: ztunnel-%1$s, namespace: mesh, labels: {app: ztunnel, controller-revision-hash: %1$s}}
        revision: %2$d
        """
            .formatted(hash, number));
  }

  private void pod(String hash, String more, boolean ready) {
    cluster.put(
        "pods",
        """
        apiVersion: v1
        kind: Pod
        metadata: {name: ztunnel-%1$s, namespace: mesh, labels: {app: ztunnel, controller-revision-hash: %1$s}%2$s}
        status: {conditions: [{type: Ready, status: "%3$s"}]}
        """
            .formatted(hash, more, ready ? "True" : "False"));
  }

  private Rollout.State state() {
    DaemonSet set = client.apps().daemonSets().inNamespace("mesh").withName("ztunnel").get();
    Progress silent = new Progress(new PrintWriter(new StringWriter()));
    return new Rollout(client, silent).states(new Parts(List.of(set))).getFirst();
  }

  @Test
  void oldOneThatDrainsIsNotWaitedFor() {
    pod(OLD, ", deletionTimestamp: \"2026-11-28T06:39:02Z\"", false);
    pod(NEW, "", true);
    assertThat(state()).isEqualTo(new Rollout.State("DaemonSet ztunnel", 1, 1, true));
  }

  @Test
  void newOneIsWaitedFor() {
    pod(OLD, ", deletionTimestamp: \"2026-11-28T06:39:02Z\"", false);
    pod(NEW, "", false);
    assertThat(state().complete()).isFalse();
  }

  @Test
  void oldOneThatServesStillDoesNotCount() {
    pod(OLD, "", true);
    assertThat(state()).isEqualTo(new Rollout.State("DaemonSet ztunnel", 0, 1, false));
  }
}

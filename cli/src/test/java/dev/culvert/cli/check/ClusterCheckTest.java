// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.cli.CommandRun;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.HasMetadata;
import io.fabric8.kubernetes.client.utils.Serialization;
import org.junit.jupiter.api.Test;

/** What is said of the cluster as a whole and of the mesh in it. */
final class ClusterCheckTest extends ClusterCheckCase {
  @Test
  void installedMeshHasNothingThatFails() {
    cluster.installGroup("policy.culvert.dev");
    cluster.installGroup("gateway.networking.k8s.io");
    CommandRun.of("install", "--kubeconfig", kubeconfig);
    CommandRun run = check();
    assertThat(run.code()).as(run.output()).isZero();
    assertThat(run.output())
        .contains("Kubernetes v1.36.1")
        .contains("1 nodes, each can carry the mesh")
        .contains("policy.culvert.dev is installed")
        .contains("ztunnel: 2 ready")
        .doesNotContain("FAIL", "WARN");
  }

  @Test
  void oldKubernetesFails() {
    cluster.setVersion("v1.29.3");
    assertFails("Kubernetes v1.29.3 is too old", "upgrade it to 1.31");
  }

  @Test
  void versionThatIsNoneIsWarnedOf() {
    cluster.setVersion("v0.0.0-master");
    assertWarns("gives 'v0.0.0-master' as its version", "1.31");
  }

  @Test
  void partThatIsNotReadyFails() {
    cluster.holdRollouts();
    CommandRun.of("install", "--kubeconfig", kubeconfig, "--no-wait");
    assertFails("culvert-controlplane: 0 of 2 ready", "describe pods -l app=culvert-controlplane");
  }

  @Test
  void kindsThatAreNotInstalledAreTold() {
    assertWarns("policy.culvert.dev is not installed", "crds.install=true");
    assertThat(check().output()).contains("note  the Gateway API is not installed");
    cluster.installGroup("security.istio.io");
    assertThat(check().output()).contains("note  security.istio.io is installed");
  }

  @Test
  void partsOfTwoImagesAreTold() {
    CommandRun.of("install", "--kubeconfig", kubeconfig);
    HasMetadata ztunnel = cluster.get("daemonsets", "culvert-system", "ztunnel");
    GenericKubernetesResource other = (GenericKubernetesResource) ztunnel;
    String text =
        Serialization.asJson(other).replaceAll("\"image\":\"[^\"]+\"", "\"image\":\"old:1\"");
    cluster.put("daemonsets", Serialization.unmarshal(text, GenericKubernetesResource.class));
    assertWarns("its parts are of different images:", "old:1", "culvert upgrade");
  }

  @Test
  void clusterThatDoesNotAnswerIsAskedForNothingMore() {
    cluster.close();
    CommandRun run = check();
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.output())
        .containsOnlyOnce("FAIL")
        .contains(
            "the API server could not be looked at, and nothing else is",
            "where the kubeconfig says");
  }

  @Test
  void clusterThatFailsOneRequestIsAskedForTheOthers() {
    cluster.refuse("leases");
    CommandRun run = check();
    assertThat(run.code()).isEqualTo(1);
    assertThat(run.output())
        .containsOnlyOnce("FAIL")
        .contains("the nodes' clocks could not be looked at", "Culvert is not installed");
  }
}

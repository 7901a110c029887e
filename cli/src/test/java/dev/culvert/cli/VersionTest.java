// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.cli.answer.ExitCode;
import dev.culvert.cli.install.TestCluster;
import io.fabric8.kubernetes.api.model.HasMetadata;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VersionTest {
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

  private CommandRun version(String... more) {
    String[] all = new String[more.length + 3];
    System.arraycopy(new String[] {"version", "--kubeconfig", kubeconfig}, 0, all, 0, 3);
    System.arraycopy(more, 0, all, 3, more.length);
    return CommandRun.of(all);
  }

  @Test
  void partsOfTheClusterAreTold() {
    CommandRun.of("install", "--kubeconfig", kubeconfig);
    CommandRun run = version();
    assertThat(run.code()).as(run.output()).isZero();
    assertThat(run.output())
        .contains("culvert ", "JVM", "kernel", "Kubernetes v1.36.1")
        .containsPattern("culvert-controlplane +0\\.1\\.0\\S* +2/2 +culvert/culvert")
        .containsPattern("ztunnel +0\\.1\\.0")
        .doesNotContain("different versions");
  }

  @Test
  void upgradeThatStoppedHalfWayIsSeen() {
    CommandRun.of("install", "--kubeconfig", kubeconfig);
    HasMetadata ztunnel = cluster.get("daemonsets", "culvert-system", "ztunnel");
    ztunnel.getMetadata().getLabels().put("app.kubernetes.io/version", "0.0.9");
    cluster.put("daemonsets", ztunnel);
    assertThat(version().output())
        .containsPattern("ztunnel +0\\.0\\.9")
        .contains("its parts are of different versions");
  }

  @Test
  void clusterWithoutCulvertSaysSo() {
    CommandRun run = version();
    assertThat(run.code()).isZero();
    assertThat(run.output()).contains("Culvert is not installed in culvert-system");
  }

  @Test
  void clusterIsNotAskedForTheCommandsOwnVersion() {
    cluster.close();
    CommandRun run = version("--client");
    assertThat(run.code()).isZero();
    assertThat(run.output()).contains("culvert ").doesNotContain("cluster");
  }

  @Test
  void clusterThatDoesNotAnswerIsToldAfterTheOwnVersion() {
    cluster.close();
    CommandRun run = version();
    assertThat(run.code()).isEqualTo(ExitCode.FAILURE);
    assertThat(run.output())
        .contains("culvert ", "cluster http://127.0.0.1:")
        .contains(
            "the API server does not answer: its port cannot be connected to; see whether it runs");
  }
}

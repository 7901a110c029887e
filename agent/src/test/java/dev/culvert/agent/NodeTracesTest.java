// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.agent.zds.ScriptedZtunnel;
import dev.culvert.linux.socket.NetworkNamespace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeTracesTest {
  private static final Path REUSE = Path.of("/proc/sys/net/ipv4/tcp_tw_reuse");

  @TempDir private Path folder;

  @Test
  void nodeOfAKilledAgentIsCleanAfterwards() throws Exception {
    try (TestNode node = new TestNode(folder);
        TestPod pod = new TestPod()) {
      enrol(node, pod);
      node.stop();
      Files.writeString(folder.resolve("culvert-cni"), "the plugin");
      Files.writeString(folder.resolve(".culvert-cni.draft"), "half of it");
      assertThat(reuse(pod)).isEqualTo("1");

      List<String> removed = traces(node).remove();

      assertThat(removed).anyMatch(line -> line.contains("/netns/"));
      assertThat(removed).anyMatch(line -> line.endsWith("culvert-cni"));
      assertThat(node.pins()).doesNotExist();
      assertThat(folder.resolve("culvert-cni")).doesNotExist();
      assertThat(folder.resolve(".culvert-cni.draft")).doesNotExist();
      assertThat(reuse(pod)).isEqualTo("2");
      assertThat(traces(node).remove()).isEmpty();
    }
  }

  @Test
  void nodeOfARunningAgentIsLeftAlone() throws Exception {
    try (TestNode node = new TestNode(folder)) {
      node.start();
      assertThatThrownBy(() -> traces(node).remove())
          .hasMessageContaining("another agent is running");
      assertThat(node.pins()).exists();
    }
  }

  private static void enrol(TestNode node, TestPod pod) throws Exception {
    node.write("pod.yaml", pod.yaml("web"));
    node.start();
    try (ScriptedZtunnel ztunnel = node.ztunnel()) {
      ztunnel.acknowledgeUntil("snapshot");
      node.awaitState("shop/web", "enrolled");
    }
  }

  private static String reuse(TestPod pod) throws Exception {
    try (NetworkNamespace netns = pod.open()) {
      return netns.call(() -> Files.readString(REUSE)).strip();
    }
  }

  private NodeTraces traces(TestNode node) {
    return new NodeTraces(node.pins(), folder, node.zdsSocket(), folder, folder, Optional.empty());
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.agent.zds.ScriptedZtunnel;
import dev.culvert.linux.file.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Agents that follow each other on a node, and what each leaves. */
final class NextAgentTest extends AgentCase {
  @Test
  void nextAgentTakesOverWithoutGap() throws Exception {
    enrol().close();
    node.stop();
    traffic.assertCaptured();
    try (RestlessClient client = new RestlessClient(traffic)) {
      node.start();
      try (ScriptedZtunnel ztunnel = node.ztunnel()) {
        assertThat(ztunnel.acknowledgeUntil("snapshot"))
            .containsExactly("add shop/web", "snapshot");
      }
      client.assertAllCaptured();
    }
    node.awaitState("shop/web", "enrolled");
    traffic.assertCaptured();
  }

  @Test
  void killedAgentLeavesPodsCapturedForTheNext() throws Exception {
    node.write("pod.yaml", pod.yaml("web"));
    Process killed = AgentProcess.start(node.settings());
    try (ScriptedZtunnel ztunnel = node.ztunnel()) {
      ztunnel.acknowledgeUntil("snapshot");
      node.awaitAnswer("status", "name=\"shop/web\" state=\"enrolled\"");
    } finally {
      killed.destroyForcibly().waitFor();
    }
    try (RestlessClient client = new RestlessClient(traffic)) {
      node.start();
      node.ztunnel().close();
      node.awaitState("shop/web", "closed, ztunnel is awaited");
      client.assertAllCaptured();
    }
  }

  @Test
  void podThatLeftWhileNoAgentRanIsReleased() throws Exception {
    enrol().close();
    node.stop();
    node.delete("pod.yaml");
    node.start();
    node.await(List::isEmpty);
    traffic.assertDirect();
  }

  @Test
  void fileBrokenSinceTheStartKeepsFormerPodsClosed() throws Exception {
    enrol().close();
    node.stop();
    node.write("pod.yaml", "kind: [");
    node.start();
    node.awaitState("of an earlier agent", "sealed");
    traffic.assertCaptured();
    node.write("pod.yaml", pod.yaml("web"));
    node.awaitState("shop/web", "closed, ztunnel is awaited");
  }

  @Test
  void secondAgentIsRefusedAndHarmsNothing() throws Exception {
    try (ScriptedZtunnel _ = enrol()) {
      assertThatThrownBy(() -> Agent.start(node.config()))
          .isInstanceOf(IOException.class)
          .hasMessageContaining("another agent is running");
      assertThatThrownBy(() -> Agent.uninstall(node.config()))
          .hasMessageContaining("another agent is running");
      traffic.assertCaptured();
    }
  }

  @Test
  void uninstallLeavesNothing() throws Exception {
    enrol().close();
    node.stop();
    assertThat(Mounts.isBpffs(node.pins())).as("mounted by the agent").isTrue();
    Agent.uninstall(node.config());
    assertThat(node.pins()).doesNotExist();
    traffic.assertDirect();
    Agent.uninstall(node.config());
  }

  @Test
  void linksFollowTheConfiguredCgroup() throws Exception {
    enrol().close();
    node.stop();
    node.startInInnerCgroup();
    node.ztunnel().close();
    traffic.assertDirect();
    node.stop();
    node.start();
    node.ztunnel().close();
    traffic.assertCaptured();
    assertThat(node.ask("links")).doesNotContain("_next", "attached=false");
  }

  @Test
  void startsAndStopsLeaveNoDescriptorOpen() throws Exception {
    enrol().close();
    node.stop();
    long before = openDescriptors();
    for (int i = 0; i < 5; i++) {
      node.start();
      node.awaitState("shop/web", "closed, ztunnel is awaited");
      node.stop();
    }
    assertThat(openDescriptors()).isLessThanOrEqualTo(before);
  }

  private static long openDescriptors() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.count();
    }
  }
}

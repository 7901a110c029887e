// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.agent.zds.ScriptedZtunnel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * A pod's net.ipv4.tcp_tw_reuse is 1 while it is in the mesh, and what it was before after that.
 */
final class ReusedPortsTest extends AgentCase {
  private static final Path SETTING = Path.of("/proc/sys/net/ipv4/tcp_tw_reuse");
  private static final String BEFORE = "0";

  @BeforeEach
  void setBefore() throws Exception {
    set(BEFORE);
  }

  private String setting() throws Exception {
    return netns.call(() -> Files.readString(SETTING).strip());
  }

  private void set(String value) throws Exception {
    netns.call(() -> Files.writeString(SETTING, value));
  }

  private void leave(ScriptedZtunnel ztunnel) throws Exception {
    node.delete("pod.yaml");
    ztunnel.acknowledgeUntil("del shop/web");
    node.await(List::isEmpty);
  }

  @Test
  void podThatLeavesHasItsOwnSettingAgain() throws Exception {
    try (ScriptedZtunnel ztunnel = enrol()) {
      assertThat(setting()).isEqualTo("1");
      leave(ztunnel);
    }
    assertThat(setting()).isEqualTo(BEFORE);
  }

  @Test
  void podThatHadItKeepsIt() throws Exception {
    set("1");
    try (ScriptedZtunnel ztunnel = enrol()) {
      leave(ztunnel);
    }
    assertThat(setting()).isEqualTo("1");
  }

  @Test
  void whatSomebodyElseHasSetMeanwhileStays() throws Exception {
    try (ScriptedZtunnel ztunnel = enrol()) {
      set("2");
      leave(ztunnel);
    }
    assertThat(setting()).isEqualTo("2");
  }

  @Test
  void podIsGivenItBackByTheNextAgent() throws Exception {
    enrol().close();
    node.stop();
    node.delete("pod.yaml");
    node.start();
    node.await(List::isEmpty);
    assertThat(setting()).isEqualTo(BEFORE);
  }

  @Test
  void adoptedPodGetsItToo() throws Exception {
    enrol().close();
    node.stop();
    set("2");
    node.start();
    try (ScriptedZtunnel ztunnel = node.ztunnel()) {
      ztunnel.acknowledgeUntil("snapshot");
      node.awaitState("shop/web", "enrolled");
      assertThat(setting()).isEqualTo("1");
      leave(ztunnel);
    }
    assertThat(setting()).isEqualTo("2");
  }

  @Test
  void uninstallGivesItBack() throws Exception {
    enrol().close();
    node.stop();
    assertThat(setting()).isEqualTo("1");
    Agent.uninstall(node.config());
    assertThat(setting()).isEqualTo(BEFORE);
    assertThat(node.pins()).doesNotExist();
  }

  @Test
  void successorWithTheSameAddressIsNotTakenForTheOneThatIsGone() throws Exception {
    enrol().close();
    node.stop();
    netns.close();
    pod.delete();
    pod.make();
    netns = pod.open();
    set("2");
    node.delete("pod.yaml");
    node.start();
    node.await(List::isEmpty);
    assertThat(setting()).isEqualTo("2");
  }
}

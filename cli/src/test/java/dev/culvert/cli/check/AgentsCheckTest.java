// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.check;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.agent.cni.AdminSocket;
import dev.culvert.agent.cni.Answer;
import dev.culvert.cli.status.LocalAgent;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Agents that answer over real sockets, and what is made of their answers. */
final class AgentsCheckTest {
  private static final String FINE = "agent node=one ztunnels=1 pods=0";

  @TempDir private Path folder;

  private static Map<String, Answer> answers(String... status) {
    Map<String, Answer> answers = new HashMap<>();
    answers.put("status", () -> List.of(status));
    answers.put("probes", () -> List.of("probes cgroup=\"/sys/fs/cgroup/kubelet\""));
    answers.put("cni", List::of);
    answers.put("links", () -> List.of("link pin=/pins/connect4 id=1 program=2 attached=true"));
    return answers;
  }

  private String check(Map<String, Answer> answers) throws IOException {
    Path socket = folder.resolve("agent.sock");
    try (AdminSocket _ = AdminSocket.listen(socket, answers)) {
      return text(new LocalAgent(socket));
    }
  }

  private static String text(LocalAgent... agents) throws IOException {
    return new AgentsCheck(() -> List.of(agents))
        .findings().stream().map(Finding::text).collect(Collectors.joining("\n"));
  }

  @Test
  void agentThatIsFineIsTold() throws IOException {
    assertThat(check(answers(FINE)))
        .isEqualTo(
            """
            ok    agent of one: 0 pods
            ok    agent of one: health probes are those of /sys/fs/cgroup/kubelet""");
  }

  @Test
  void machineWithoutAnAgentIsNoFault() throws IOException {
    assertThat(text()).isEqualTo("note  no agent runs on this machine");
  }

  @Test
  void agentWithoutAZtunnelFails() throws IOException {
    assertThat(check(answers("agent node=one ztunnels=0 pods=0")))
        .contains("FAIL  agent of one: no ztunnel is connected", "-> start one");
  }

  @Test
  void agentThatKnowsNoKubeletIsNoted() throws IOException {
    Map<String, Answer> answers = answers(FINE);
    answers.put("probes", List::of);
    assertThat(check(answers))
        .contains("note  agent of one: no kubelet is known", "-> name its cgroup", "probe-cgroup");
  }

  @Test
  void pluginThatIsNotInTheConfigurationIsTold() throws IOException {
    Map<String, Answer> answers = answers(FINE);
    answers.put(
        "cni", () -> List.of("cni folder=\"/c\" in=false edits=0 note=\"/c: has no .conflist\""));
    assertThat(check(answers))
        .contains(
            "WARN  agent of one: /c: has no .conflist",
            "-> until then, pods start without waiting for it");
  }

  @Test
  void linkThatIsDetachedIsTold() throws IOException {
    Map<String, Answer> answers = answers(FINE);
    answers.put(
        "links", () -> List.of("link pin=/pins/connect4 id=1 program=2 target=0 attached=false"));
    assertThat(check(answers))
        .contains("WARN  agent of one: /pins/connect4 is not attached", "-> restart the agent");
  }

  @Test
  void podThatIsNotInTheMeshIsToldAndOneThatIsLeftAloneIsNoted() throws IOException {
    assertThat(
            check(
                answers(
                    FINE,
                    "pod name=\"shop/web\" state=\"waiting\" addresses=\"\" note=\"no process\"",
                    "pod name=\"shop/host\" state=\"left alone\" addresses=\"\" note=\"hostNetwork\"",
                    "pod name=\"shop/fine\" state=\"enrolled\" addresses=\"198.18.0.2\"")))
        .contains("WARN  pod shop/web is waiting: no process", "-> see the agent's log")
        .contains("note  pod shop/host is left alone: hostNetwork")
        .doesNotContain("shop/fine");
  }

  /** As after SIGKILL. */
  @Test
  void agentThatIsDeadIsAFaultOfItsOwnAndOthersAreLookedAt() throws IOException {
    Path dead = folder.resolve("dead.sock");
    try (ServerSocketChannel channel = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      channel.bind(UnixDomainSocketAddress.of(dead));
    }
    Path alive = folder.resolve("agent.sock");
    try (AdminSocket _ = AdminSocket.listen(alive, answers(FINE))) {
      assertThat(text(new LocalAgent(dead), new LocalAgent(alive)))
          .startsWith("FAIL  " + dead + ": no agent answers: Connection refused")
          .contains("start the agent, or see its log")
          .contains("ok    agent of one: 0 pods");
    }
  }
}

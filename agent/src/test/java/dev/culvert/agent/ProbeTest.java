// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.linux.file.Cgroup;
import java.io.IOException;
import java.net.ConnectException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whose connections pass as health probes, at a pod that is closed to everybody else. */
final class ProbeTest extends AgentCase {
  private static final String KUBELET = "kubelet.service";
  private static final int PORT = 8080;

  @BeforeEach
  void tellOfThePod() throws IOException {
    node.write("pod.yaml", pod.yaml("web"));
  }

  private void assertLetIn() throws Exception {
    try (ServerSocketChannel app = traffic.server(PORT);
        SocketChannel probe = traffic.connectFromElsewhere(pod.address(), PORT);
        SocketChannel accepted = app.accept()) {
      assertThat(probe.isConnected() && accepted.isConnected()).isTrue();
    }
  }

  private void assertKeptOut() {
    assertThatThrownBy(() -> traffic.connectFromElsewhere(pod.address(), PORT))
        .isInstanceOf(ConnectException.class);
  }

  private void awaitClosedPod() throws Exception {
    node.awaitState("shop/web", "closed, ztunnel is awaited");
  }

  @Test
  void groupThatIsNamedIsLetInAndNobodyElse() throws Exception {
    node.becomeKubelet(KUBELET);
    node.startWithProbesOf(KUBELET);
    awaitClosedPod();
    assertLetIn();
    node.becomeAnybody();
    assertKeptOut();
  }

  @Test
  void nobodyIsLetInOnceTheSettingIsTakenAway() throws Exception {
    node.becomeKubelet(KUBELET);
    node.startWithProbesOf(KUBELET);
    node.stop();
    node.startWithProbesOf("none");
    awaitClosedPod();
    assertKeptOut();
    assertThat(node.ask("links")).doesNotContain("probe_connect");
  }

  @Test
  void probesPassWhileNoAgentRuns() throws Exception {
    node.becomeKubelet(KUBELET);
    node.startWithProbesOf(KUBELET);
    awaitClosedPod();
    node.stop();
    assertLetIn();
  }

  @Test
  void groupThatIsMadeAnewIsFollowed() throws Exception {
    Cgroup first = node.becomeKubelet(KUBELET);
    node.startWithProbesOf(KUBELET);
    awaitClosedPod();
    node.becomeAnybody();
    first.remove();
    String removed = node.ask("links");
    node.becomeKubelet(KUBELET);
    node.awaitAnswer("probes", first.path().toString());
    node.awaitChange("links", removed, "probe_connect");
    assertLetIn();
  }

  @Test
  void kubeletIsFoundByItsProcess() throws Exception {
    Process kubelet = processNamed("kubelet");
    try {
      node.podCgroup("kubelet.slice", KUBELET).add(kubelet.pid());
      node.start();
      node.awaitAnswer("probes", "kubelet.slice/kubelet.service");
      node.becomeKubelet("kubelet.slice", KUBELET);
      awaitClosedPod();
      assertLetIn();
    } finally {
      kubelet.destroyForcibly().waitFor();
    }
  }

  @Test
  void processOfAPodThatCallsItselfKubeletIsNotBelieved() throws Exception {
    Process fake = processNamed("kubelet");
    try {
      node.podCgroup("kubepods", "pod0b4ecf55-8d3b-4c4b-9a39-6c1f5a4a7f10").add(fake.pid());
      node.start();
      awaitClosedPod();
      assertThat(node.ask("probes")).isBlank();
    } finally {
      fake.destroyForcibly().waitFor();
    }
  }

  /** Its name is that of the file it was started from. */
  private Process processNamed(String name) throws IOException {
    Path program = folder.resolve(name);
    Files.copy(Path.of("/bin/sleep"), program, StandardCopyOption.COPY_ATTRIBUTES);
    return new ProcessBuilder(program.toString(), "600").start();
  }

  @ParameterizedTest
  @CsvSource({
    "kubelet.slice, kubelet.slice/kubelet-kubepods.slice, holds the pods",
    "kubepods, kubepods/burstable, is among the pods",
    "kubepods.slice, kubepods.slice/kubepods-besteffort.slice, is among the pods",
    "kubepods.slice/kubepods-besteffort.slice, kubepods.slice/kubepods-besteffort.slice, is among the pods",
    "node, node/pod0b4ecf55-8d3b-4c4b-9a39-6c1f5a4a7f10, holds the pods",
    "., kubelet.service, holds every process of the node"
  })
  void groupThatPodsAreInIsRefused(String named, String pods, String why) throws IOException {
    node.podCgroup(pods.split("/", -1));
    assertThatThrownBy(() -> node.startWithProbesOf(named))
        .isInstanceOf(IOException.class)
        .hasMessageContainingAll("probe-cgroup=" + named, why, "name the kubelet's own group");
  }

  @Test
  void groupThatDoesNotExistIsRefused() {
    assertThatThrownBy(() -> node.startWithProbesOf("nowhere"))
        .isInstanceOf(IOException.class)
        .hasMessageContaining("is not a cgroup");
  }
}

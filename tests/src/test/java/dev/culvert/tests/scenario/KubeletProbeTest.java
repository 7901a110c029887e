// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.kubelet.KubeletLayout;
import dev.culvert.tests.kubelet.ProbedNode;
import dev.culvert.tests.kubelet.Probing;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Root;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/** Health probes of a pod that takes nothing but tunnels, and others that would pass as such. */
@Root
@ParameterizedClass(name = "{0}")
@EnumSource(KubeletLayout.class)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class KubeletProbeTest {
  private static final String[] HEALTHY_V4 = {"ok 198.18.1.1", "ok SERVING", "ok hello"};
  private static final String[] HEALTHY_V6 = {"ok fd00:c01:1:0:0:0:0:1", "ok SERVING", "ok hello"};

  private static ProbedNode node;

  @Parameter private KubeletLayout layout;
  private Probing kubelet;

  @BeforeParameterizedClassInvocation
  static void start(KubeletLayout layout) throws Exception {
    node = ProbedNode.start(layout);
  }

  @AfterParameterizedClassInvocation
  static void stop() throws Exception {
    if (node != null) {
      node.close();
      node = null;
    }
  }

  @BeforeEach
  void startKubelet() throws Exception {
    kubelet = node.startKubelet();
    Await.until("the kubelet's probes pass in " + layout, () -> healthy(kubelet));
  }

  @AfterEach
  void endKubelet() {
    kubelet.close();
  }

  private static boolean healthy(Probing probing) throws IOException {
    return probing.http(node.v4()).startsWith("ok");
  }

  /** The app sees the node's own address: nothing translates it. */
  @Test
  void kubeletsProbesPassUnderStrict() throws Exception {
    assertThat(kubelet.all(node.v4())).containsExactly(HEALTHY_V4);
    assertThat(kubelet.all(node.v6())).containsExactly(HEALTHY_V6);
  }

  @Test
  void hostNetworkPodWithTheSameSourceAddressDoesNotSlipThrough() throws Exception {
    try (Probing pod = node.startHostNetworkPod()) {
      assertKeptOut(pod);
      assertThat(kubelet.all(node.v4())).containsExactly(HEALTHY_V4);
      assertKeptOut(pod);
    }
  }

  @Test
  void processOfTheNodeBesideTheKubeletDoesNotSlipThrough() throws Exception {
    try (Probing other = node.startHostProcess()) {
      assertKeptOut(other);
    }
  }

  private static void assertKeptOut(Probing other) throws IOException {
    assertThat(other.all(node.v4())).allMatch(answer -> answer.startsWith("failed"));
    assertThat(other.all(node.v6())).allMatch(answer -> answer.startsWith("failed"));
  }

  @Test
  void kubeletThatIsRestartedIsKnownAgain() throws Exception {
    kubelet.close();
    node.removeKubeletGroup();
    kubelet = node.startKubelet();
    Await.until("its probes pass", () -> healthy(kubelet));
    node.awaitKubelet();
    assertThat(kubelet.all(node.v6())).containsExactly(HEALTHY_V6);
  }

  @Test
  void probesPassAndOthersDoNotWhileNoAgentRuns() throws Exception {
    try (Probing pod = node.startHostNetworkPod()) {
      node.killAgent();
      assertThat(kubelet.all(node.v4())).containsExactly(HEALTHY_V4);
      assertKeptOut(pod);
      node.startAgent();
      node.awaitKubelet();
      assertThat(kubelet.all(node.v4())).containsExactly(HEALTHY_V4);
      assertKeptOut(pod);
    }
  }
}

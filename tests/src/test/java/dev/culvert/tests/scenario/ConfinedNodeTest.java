// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.container.ConfinedNode;
import dev.culvert.tests.container.SeccompProfile;
import dev.culvert.tests.kubelet.Probing;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Root;
import java.io.IOException;
import java.nio.file.Files;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.CsvSource;

/** Agent and ztunnel with the rights that the chart gives them and no others. */
@Root
@ParameterizedClass(name = "{0}, {1}")
@CsvSource({"RUNTIME_DEFAULT, auto", "LOCALHOST, auto", "LOCALHOST, io_uring"})
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class ConfinedNodeTest {
  private static ConfinedNode node;

  @Parameter(0)
  private SeccompProfile profile;

  @Parameter(1)
  private String transport;

  @BeforeParameterizedClassInvocation
  static void start(SeccompProfile profile, String transport) throws Exception {
    node = ConfinedNode.start(profile, Map.of("transport", transport));
  }

  @AfterParameterizedClassInvocation
  static void stop() throws Exception {
    if (node != null) {
      node.close();
      node = null;
    }
  }

  @Test
  void podsOfTheMeshReachEachOtherBothWays() throws Exception {
    try (Probing web = node.fromWeb();
        Probing far = node.fromFar()) {
      assertThat(web.http(node.far()))
          .as("%s, %s", profile, transport)
          .isEqualTo("ok " + node.web());
      assertThat(far.http(node.web())).isEqualTo("ok " + node.far());
      assertThat(web.http(node.web())).isEqualTo("ok " + node.web());
    }
  }

  @Test
  void plaintextFromOutsideIsRefused() throws Exception {
    try (Probing outside = node.fromOutside()) {
      assertThat(outside.http(node.web())).startsWith("failed");
    }
  }

  @Test
  void kubeletIsFoundAmongTheProcessesOfTheNode() throws Exception {
    try (Probing kubelet = node.startKubelet()) {
      Await.until("its probes pass", () -> passes(kubelet));
      assertThat(node.probes()).contains("/host/sys/fs/cgroup/system.slice/kubelet.service");
    }
  }

  private static boolean passes(Probing kubelet) throws IOException {
    return kubelet.http(node.web()).startsWith("ok");
  }

  @Test
  void pluginIsPutIntoTheNodesConfiguration() throws Exception {
    Await.until(
        "the plugin is in", () -> Files.readString(node.conflist()).contains("culvert-cni"));
    assertThat(node.cniTrouble()).isEmpty();
  }

  /** A call that the profile has not, or a right that the chart has not given. */
  @Test
  @Order(Integer.MAX_VALUE)
  void nothingThatTheyDoIsForbiddenToThem() throws Exception {
    assertThat(node.end()).containsExactly(0, 0);
    assertThat(node.logs())
        .noneMatch(line -> line.contains("Operation not permitted") || line.contains("EPERM"));
  }
}

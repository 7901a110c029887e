// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.enroll;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.resource.ResourceFiles;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class PodSelectionTest {
  private static final String MESHED =
      """
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop, labels: {culvert.dev/dataplane-mode: ambient}}
      ---
      """;
  private static final String POD =
      """
      apiVersion: v1
      kind: Pod
      metadata:
        name: web
        namespace: %s
        labels: {%s}
        annotations: {culvert.dev/netns: /run/netns/web}
      spec: {nodeName: %s, serviceAccountName: robot, hostNetwork: %s}
      status: {phase: %s, podIPs: [{ip: 198.18.0.2}]}
      """;

  private static List<DesiredPod> select(String yaml) {
    ResourceFiles files = ResourceFiles.empty().with(Map.of("a.yaml", yaml));
    assertThat(files.errors()).isEmpty();
    return PodSelection.select("one", files.resources());
  }

  @Test
  void podOfThisNodeInMeshedNamespaceIsWanted() {
    assertThat(select(MESHED + POD.formatted("shop", "", "one", false, "Running")))
        .containsExactly(
            new DesiredPod(
                "shop/web",
                "shop/web",
                "shop",
                "web",
                "robot",
                Optional.of(Path.of("/run/netns/web")),
                List.of(InetAddress.ofLiteral("198.18.0.2"))));
  }

  @Test
  void othersAreNotWanted() {
    assertThat(select(MESHED + POD.formatted("shop", "", "two", false, "Running"))).isEmpty();
    assertThat(select(MESHED + POD.formatted("shop", "", "one", true, "Running"))).isEmpty();
    assertThat(select(MESHED + POD.formatted("shop", "", "one", false, "Succeeded"))).isEmpty();
    assertThat(select(MESHED + POD.formatted("bare", "", "one", false, "Running"))).isEmpty();
  }

  @Test
  void podOptsOutAndIn() {
    String out = "culvert.dev/dataplane-mode: none";
    String in = "istio.io/dataplane-mode: ambient";
    assertThat(select(MESHED + POD.formatted("shop", out, "one", false, "Running"))).isEmpty();
    assertThat(select(POD.formatted("bare", in, "one", false, "Running"))).hasSize(1);
  }
}

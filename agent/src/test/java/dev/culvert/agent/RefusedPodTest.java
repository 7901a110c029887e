// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.agent.zds.ScriptedZtunnel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** What cannot be enrolled, and what is told of it. */
final class RefusedPodTest extends AgentCase {
  @Test
  void brokenFileKeepsPodEnrolled() throws Exception {
    try (ScriptedZtunnel ztunnel = enrol()) {
      node.write("pod.yaml", "kind: [");
      node.write("more.yaml", "apiVersion: v1\nkind: Pod\nmetadata: {name: 7}\n");
      TestPod second = new TestPod();
      node.write("second.yaml", second.yaml("second"));
      ztunnel.acknowledgeUntil("add shop/second");
      node.awaitState("shop/second", "enrolled");
      node.awaitState("shop/web", "enrolled");
      second.close();
    }
  }

  @Test
  void podBesideWrongNamespaceIsRefused() throws Exception {
    try (TestPod other = new TestPod()) {
      node.write("pod.yaml", pod.yaml("web", other.address()));
      node.start();
      node.awaitNote("shop/web", "has not the pod's address " + other.address().getHostAddress());
      traffic.assertDirect();
    }
  }

  @Test
  void namespaceOfTheNodeIsRefused() throws Exception {
    String yaml = pod.yaml("web").replace(pod.path().toString(), "/proc/self/ns/net");
    node.write("pod.yaml", yaml);
    node.start();
    node.awaitNote("shop/web", "is that of the node itself");
  }

  @Test
  void secondPodWithSameNamespaceIsRefused() throws Exception {
    try (ScriptedZtunnel _ = enrol()) {
      node.write("again.yaml", pod.yaml("again"));
      node.awaitNote("shop/again", "is that of pod shop/web");
      node.awaitState("shop/web", "enrolled");
    }
  }

  @Test
  void rootIsToldOfFeaturesAndLinks() throws Exception {
    try (ScriptedZtunnel _ = enrol()) {
      assertThat(node.ask("features").lines())
          .hasSizeGreaterThan(10)
          .allMatch(line -> line.contains(" available=true "));
      assertThat(node.ask("links"))
          .contains("/links/connect4 ", "/links/handover ", "/netns/")
          .doesNotContain("attached=false", "probe_connect");
      assertThat(node.ask("status")).contains("agent node=one ztunnels=1 pods=1");
    }
  }

  @Test
  void whatIsWrongIsToldInOneLineWhateverOthersWrote() throws Exception {
    Path configuration = Files.createDirectories(folder.resolve("net.d"));
    Files.writeString(configuration.resolve("10-a.conflist"), "{\"cniVersion\":\"1.0.0\",\n\"a");
    node.startWith("cni-conf-dir", configuration);
    node.awaitAnswer("cni", "is not a JSON object");
    assertThat(node.ask("cni").lines())
        .singleElement()
        .asString()
        .matches("cni folder=\"[^\"]+\" in=false edits=0 note=\"[^\"]+\"");
  }
}

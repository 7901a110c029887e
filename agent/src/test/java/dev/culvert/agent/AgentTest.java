// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent;

import static dev.culvert.agent.PodTraffic.ELSEWHERE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.agent.zds.ScriptedZtunnel;
import dev.culvert.linux.file.Mounts;
import dev.culvert.linux.socket.NetworkNamespace;
import java.io.IOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class AgentTest extends AgentCase {
  @Test
  void connectOfEnrolledPodIsRedirected() throws Exception {
    try (ScriptedZtunnel ztunnel = enrol()) {
      assertCaptured();
      assertThat(ztunnel).isNotNull();
    }
  }

  private void assertCaptured() throws Exception {
    try (ServerSocketChannel proxy = traffic.proxy(15001);
        SocketChannel app = traffic.connect(ELSEWHERE, 80);
        SocketChannel accepted = proxy.accept()) {
      assertThat(app.isConnected()).isTrue();
      assertThat(PodTraffic.originalDestination(accepted))
          .isEqualTo(new InetSocketAddress(ELSEWHERE, 80));
    }
  }

  private void assertDirect() throws Exception {
    try (ServerSocketChannel server = traffic.server(80);
        SocketChannel app = traffic.connect(ELSEWHERE, 80);
        SocketChannel accepted = server.accept()) {
      assertThat(app.isConnected() && accepted.isConnected()).isTrue();
    }
  }

  @Test
  void inboundGoesToTheListenerThatRegistered() throws Exception {
    try (ScriptedZtunnel _ = enrol();
        ServerSocketChannel proxy = traffic.proxy(15006);
        SocketChannel other = traffic.connectFromElsewhere(pod.address(), 8080);
        SocketChannel accepted = proxy.accept()) {
      assertThat(other.isConnected()).isTrue();
      assertThat(accepted.getLocalAddress()).isEqualTo(new InetSocketAddress(pod.address(), 8080));
    }
  }

  @Test
  void podWithoutZtunnelIsClosed() throws Exception {
    node.write("pod.yaml", pod.yaml("web"));
    node.start();
    node.awaitState("shop/web", "closed, ztunnel is awaited");
    try (ServerSocketChannel app = traffic.server(80)) {
      assertThat(app.isOpen()).isTrue();
      assertThatThrownBy(() -> traffic.connect(ELSEWHERE, 80)).isInstanceOf(ConnectException.class);
      assertThatThrownBy(() -> traffic.connectFromElsewhere(pod.address(), 80))
          .isInstanceOf(ConnectException.class);
    }
  }

  @Test
  void podThatLeavesTheSourceIsReleasedUnderTraffic() throws Exception {
    try (ScriptedZtunnel ztunnel = enrol();
        ServerSocketChannel proxy = traffic.proxy(15001);
        SocketChannel app = traffic.connect(ELSEWHERE, 80);
        SocketChannel accepted = proxy.accept()) {
      node.delete("pod.yaml");
      assertThat(ztunnel.heard()).isEqualTo("del shop/web");
      assertDirect();
      ztunnel.ack();
      node.await(List::isEmpty);
      assertThat(app.isConnected() && accepted.isConnected()).isTrue();
    }
  }

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
  void vanishedNamespaceIsSealedThenReplaced() throws Exception {
    try (ScriptedZtunnel ztunnel = enrol()) {
      pod.delete();
      ztunnel.acknowledgeUntil("del shop/web");
      node.awaitState("shop/web", "sealed");
      assertThatThrownBy(() -> traffic.connect(ELSEWHERE, 80)).isInstanceOf(ConnectException.class);
      pod.make();
      ztunnel.acknowledgeUntil("add shop/web");
      node.awaitState("shop/web", "enrolled");
    }
    try (NetworkNamespace replacement = pod.open()) {
      assertThat(node.await(pods -> true).getFirst().netns()).contains(replacement.cookie());
    }
  }

  @Test
  void podIsEnrolledWhenItsNamespaceComes() throws Exception {
    pod.delete();
    node.write("pod.yaml", pod.yaml("web"));
    node.start();
    node.awaitNote("shop/web", "does not exist (yet)");
    pod.make();
    node.awaitState("shop/web", "closed, ztunnel is awaited");
  }

  @Test
  void podBesideWrongNamespaceIsRefused() throws Exception {
    try (TestPod other = new TestPod()) {
      node.write("pod.yaml", pod.yaml("web", other.address()));
      node.start();
      node.awaitNote("shop/web", "has not the pod's address " + other.address().getHostAddress());
      assertDirect();
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
  void nextAgentTakesOverWithoutGap() throws Exception {
    enrol().close();
    node.stop();
    assertCaptured();
    try (RestlessClient client = new RestlessClient(traffic)) {
      node.start();
      try (ScriptedZtunnel ztunnel = node.ztunnel()) {
        assertThat(ztunnel.acknowledgeUntil("snapshot"))
            .containsExactly("add shop/web", "snapshot");
      }
      client.assertAllCaptured();
    }
    node.awaitState("shop/web", "enrolled");
    assertCaptured();
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
    assertDirect();
  }

  @Test
  void fileBrokenSinceTheStartKeepsFormerPodsClosed() throws Exception {
    enrol().close();
    node.stop();
    node.write("pod.yaml", "kind: [");
    node.start();
    node.awaitState("of an earlier agent", "sealed");
    assertCaptured();
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
      assertCaptured();
    }
  }

  @Test
  void uninstallLeavesNothing() throws Exception {
    enrol().close();
    node.stop();
    assertThat(Mounts.isBpffs(node.pins())).as("mounted by the agent").isTrue();
    Agent.uninstall(node.config());
    assertThat(node.pins()).doesNotExist();
    assertDirect();
    Agent.uninstall(node.config());
  }

  @Test
  void podsThatComeAtOnceAreEnrolledTogether() throws Exception {
    try (TestPod second = new TestPod();
        TestPod third = new TestPod()) {
      node.write("second.yaml", second.yaml("second"));
      node.write("others.yaml", third.yaml("third") + "---\n" + pod.yaml("web"));
      node.start();
      try (ScriptedZtunnel ztunnel = node.ztunnel()) {
        assertThat(ztunnel.acknowledgeUntil("snapshot"))
            .containsExactlyInAnyOrder(
                "add shop/second", "add shop/third", "add shop/web", "snapshot");
        node.await(pods -> pods.stream().allMatch(each -> each.state().equals("enrolled")));
      }
    }
  }

  @Test
  void ipv6PodIsEnrolled() throws Exception {
    InetAddress address = InetAddress.ofLiteral("fd00:c01::fa:1");
    InetAddress elsewhere = InetAddress.ofLiteral("fd00:c01::ff:1");
    pod.assign(address);
    pod.assign(elsewhere);
    node.write("pod.yaml", pod.yaml("web", address));
    node.start();
    node.awaitState("shop/web", "closed, ztunnel is awaited");
    try (ServerSocketChannel proxy = traffic.proxy(15001);
        SocketChannel app = traffic.connect(elsewhere, 80);
        SocketChannel accepted = proxy.accept()) {
      assertThat(app.isConnected()).isTrue();
      assertThat(PodTraffic.originalDestination(accepted))
          .isEqualTo(new InetSocketAddress(elsewhere, 80));
    }
  }

  @Test
  void changedAccountIsAnnouncedAnew() throws Exception {
    try (ScriptedZtunnel ztunnel = enrol()) {
      node.write("pod.yaml", pod.yaml("web").replace("robot", "android"));
      ztunnel.acknowledgeUntil("del shop/web");
      ztunnel.acknowledgeUntil("add shop/web");
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

  @Test
  void listenerOfFormerPodGetsNothingOfItsSuccessor() throws Exception {
    try (ScriptedZtunnel _ = enrol();
        ServerSocketChannel former = traffic.proxy(15006);
        TestPod successor = new TestPod(pod.address());
        NetworkNamespace inside = successor.open()) {
      assertThat(former.isOpen()).isTrue();
      node.stop(); // the proxy that does not let go misses the withdrawal
      node.delete("pod.yaml");
      node.start();
      node.await(List::isEmpty);
      node.write("successor.yaml", successor.yaml("successor", pod.address()));
      node.awaitState("shop/successor", "closed, ztunnel is awaited");
      assertThatThrownBy(() -> new PodTraffic(inside).connectFromElsewhere(pod.address(), 8080))
          .isInstanceOf(ConnectException.class);
    }
  }

  @Test
  void linksFollowTheConfiguredCgroup() throws Exception {
    enrol().close();
    node.stop();
    node.startInInnerCgroup();
    node.ztunnel().close();
    assertDirect();
    node.stop();
    node.start();
    node.ztunnel().close();
    assertCaptured();
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

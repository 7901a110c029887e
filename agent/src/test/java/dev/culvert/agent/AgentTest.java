// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent;

import static dev.culvert.agent.PodTraffic.ELSEWHERE;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.agent.zds.ScriptedZtunnel;
import dev.culvert.linux.socket.NetworkNamespace;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Pods that come to the mesh and leave it. */
final class AgentTest extends AgentCase {
  @Test
  void connectOfEnrolledPodIsRedirected() throws Exception {
    try (ScriptedZtunnel ztunnel = enrol()) {
      traffic.assertCaptured();
      assertThat(ztunnel).isNotNull();
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
      traffic.assertDirect();
      ztunnel.ack();
      node.await(List::isEmpty);
      assertThat(app.isConnected() && accepted.isConnected()).isTrue();
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
}

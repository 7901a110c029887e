// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.ztunnel.hbone.TunnelSettings;
import dev.culvert.ztunnel.peers.Await;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Direction;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import dev.culvert.ztunnel.xds.Workload;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** What tunnels carry, how many there are, and why there may be none. */
@ParameterizedClass
@MethodSource("ways")
@Timeout(120)
final class OutboundTunnelTest extends OutboundTunnelCase {
  /** What goes along with a CONNECT is counted once, and arrives once and before what follows. */
  @Test
  void firstBytesArriveOnceAndInOrder() throws Exception {
    try (TwoNodes nodes = new TwoNodes(way);
        ServerSocket app = TwoNodes.app(nodes.web)) {
      for (int i = 0; i < 20; i++) {
        String text = "first bytes of " + i + ", and those behind them";
        byte[] bytes = text.getBytes(StandardCharsets.US_ASCII);
        try (Socket client = nodes.connect(TwoNodes.address(app))) {
          client.getOutputStream().write(bytes, 0, 11);
          client.getOutputStream().write(bytes, 11, bytes.length - 11);
          client.shutdownOutput();
          try (Socket served = app.accept()) {
            assertThat(served.getInputStream().readAllBytes()).asString().isEqualTo(text);
          }
        }
        assertThat(nodes.one.telemetry().next(Direction.OUTBOUND).sent()).isEqualTo(bytes.length);
        assertThat(nodes.two.telemetry().next(Direction.INBOUND).sent()).isEqualTo(bytes.length);
      }
    }
  }

  @Test
  void onlyOneDialAtATime() throws Exception {
    try (TwoNodes nodes = new TwoNodes(way);
        ServerSocket app = TwoNodes.app(nodes.web)) {
      List<Socket> sockets = connect(nodes, app, 60);
      assertThat(nodes.two.connections().size()).isOne();
      closeAll(sockets);
    }
  }

  /**
   * The old pod's tunnel may still be open, and its proxy still answer, when its address is reused.
   */
  @Test
  void tunnelToTheFormerPodOfAnAddressIsNotUsedForItsSuccessor() throws Exception {
    try (TwoNodes nodes = new TwoNodes(way);
        ServerSocket app = TwoNodes.app(nodes.web)) {
      List<Socket> before = connect(nodes, app, 1);
      nodes.mesh.remove(nodes.web);
      Workload successor = TestWorkloads.pod("successor", "two", nodes.web.addresses().getFirst());
      nodes.mesh.put(successor);

      Outcome outcome = refused(nodes, app);
      assertThat(outcome.flag()).isEqualTo(ResponseFlag.IDENTITY_ERROR);
      assertThat(outcome.error().orElseThrow())
          .contains("proved to be " + nodes.web.identity())
          .contains(successor.identity() + " is expected");
      before.getFirst().getOutputStream().write(7);
      assertThat(before.getFirst().getInputStream().read()).isEqualTo(7);
      closeAll(before);
    }
  }

  /** One tunnel for each event loop: a pod pair's streams are on all of the node's processors. */
  @Test
  void streamsAreSpreadOverTheEventLoops() throws Exception {
    try (TwoNodes nodes = new TwoNodes(way, TunnelSettings.standard(), 4);
        ServerSocket app = TwoNodes.app(nodes.web)) {
      List<Socket> sockets = connect(nodes, app, 40);
      assertThat(nodes.two.connections().size()).isEqualTo(4);
      closeAll(sockets);
    }
  }

  @Test
  void thousandStreamsAtOnce() throws Exception {
    try (TwoNodes nodes = new TwoNodes(way);
        ServerSocket app = TwoNodes.app(nodes.web)) {
      List<Socket> sockets = connect(nodes, app, 1_000);
      assertThat(nodes.two.connections().size()).isEqualTo(10);
      for (int round = 0; round < 3; round++) {
        for (Socket socket : sockets) {
          socket.getOutputStream().write(round);
        }
        for (Socket socket : sockets) {
          assertThat(socket.getInputStream().read()).isEqualTo(round);
        }
      }
      closeAll(sockets);
      Await.until("all ended", () -> nodes.one.telemetry().openConnections() == 0);
      Await.until("all ended", () -> nodes.two.telemetry().openConnections() == 0);
    }
  }

  @Test
  void blockedTunnelPortNamesTheLikelyCause() throws Exception {
    Workload far = TestWorkloads.pod("far", "two", TwoNodes.freshAddress());
    try (TwoNodes nodes =
            new TwoNodes(way, settings(Duration.ofMinutes(5), Duration.ofMillis(500)), 1);
        ServerSocket neverAccepting = new ServerSocket(15008, 1, far.addresses().getFirst())) {
      nodes.mesh.put(far);
      List<SocketChannel> queue = fill(neverAccepting);
      try (Socket client = nodes.connect(new InetSocketAddress(far.addresses().getFirst(), 80))) {
        assertThatThrownBy(() -> client.getInputStream().read())
            .isInstanceOf(SocketException.class);
      }
      Outcome outcome = nodes.one.telemetry().next(Direction.OUTBOUND).outcome();
      assertThat(outcome.flag()).isEqualTo(ResponseFlag.NETWORK_POLICY);
      assertThat(outcome.error().orElseThrow())
          .contains("maybe a NetworkPolicy is blocking HBONE port 15008");
      for (SocketChannel one : queue) {
        one.close();
      }
    }
  }

  /** Leaves no room in the accept queue: further SYNs get no answer. */
  private static List<SocketChannel> fill(ServerSocket listener) throws IOException {
    List<SocketChannel> queue = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      SocketChannel one = SocketChannel.open();
      one.configureBlocking(false);
      one.connect(listener.getLocalSocketAddress());
      queue.add(one);
    }
    return queue;
  }
}

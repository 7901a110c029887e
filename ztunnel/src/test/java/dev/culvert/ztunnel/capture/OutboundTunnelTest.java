// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.ztunnel.hbone.TunnelSettings;
import dev.culvert.ztunnel.peers.Await;
import dev.culvert.ztunnel.peers.LeakWatch;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Direction;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import dev.culvert.ztunnel.xds.Workload;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("ways")
@Timeout(120)
class OutboundTunnelTest {
  @Parameter Way way;

  static List<Way> ways() {
    return Way.all();
  }

  @AfterAll
  static void nothingLeaked() throws Exception {
    assertThat(LeakWatch.leaks()).isEmpty();
  }

  @Test
  void peerOfAnotherIdentityRejected() throws Exception {
    try (TwoNodes nodes = new TwoNodes(way);
        ServerSocket app = TwoNodes.app(nodes.web)) {
      String impostor = "spiffe://cluster.local/ns/shop/sa/impostor";
      nodes.certificatesTwo.replace(nodes.web.identity(), Instant.now().plusSeconds(600), impostor);
      Outcome outcome = refused(nodes, app);
      assertThat(outcome.flag()).isEqualTo(ResponseFlag.IDENTITY_ERROR);
      assertThat(outcome.error().orElseThrow())
          .contains(impostor)
          .contains(nodes.web.identity().toString());
    }
  }

  @Test
  void expiredPeerRejected() throws Exception {
    try (TwoNodes nodes = new TwoNodes(way);
        ServerSocket app = TwoNodes.app(nodes.web)) {
      nodes.certificatesTwo.replace(
          nodes.web.identity(), Instant.now().minusSeconds(60), nodes.web.identity().toString());
      assertThat(refused(nodes, app).flag()).isEqualTo(ResponseFlag.TLS_FAILURE);
    }
  }

  @Test
  void peerOfAnotherTrustDomainRejected() throws Exception {
    try (TwoNodes nodes = new TwoNodes(way);
        ServerSocket app = TwoNodes.app(nodes.web)) {
      nodes.certificatesTwo.replace(
          nodes.web.identity(), Instant.now().plusSeconds(60), "spiffe://elsewhere/ns/shop/sa/web");
      assertThat(refused(nodes, app).flag()).isEqualTo(ResponseFlag.TLS_FAILURE);
    }
  }

  private static Outcome refused(TwoNodes nodes, ServerSocket app) throws Exception {
    try (Socket client = nodes.connect(TwoNodes.address(app))) {
      assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
    }
    return nodes.one.telemetry().next(Direction.OUTBOUND).outcome();
  }

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
  void drainedTunnelKeepsItsStreamsAndGetsNoNewOne() throws Exception {
    try (TwoNodes nodes = new TwoNodes(way);
        ServerSocket app = TwoNodes.app(nodes.web)) {
      List<Socket> first = connect(nodes, app, 1);
      nodes.two.connections().drainTunnels();
      List<Socket> all = new ArrayList<>(first);
      while (nodes.two.connections().size() < 2) {
        all.addAll(connect(nodes, app, 1));
      }
      first.getFirst().getOutputStream().write(7);
      assertThat(first.getFirst().getInputStream().read()).isEqualTo(7);
      closeAll(all);
      Await.until("drained tunnels closed", () -> nodes.two.connections().size() == 0);
    }
  }

  @Test
  void lastStreamOfADrainedTunnelIsWhole() throws Exception {
    byte[] much = new byte[4 << 20];
    new Random(7).nextBytes(much);
    try (TwoNodes nodes = new TwoNodes(way);
        ServerSocket app = TwoNodes.app(nodes.web)) {
      for (int i = 0; i < 5; i++) {
        try (Socket client = nodes.connect(TwoNodes.address(app));
            Socket server = app.accept()) {
          client.getOutputStream().write(1);
          assertThat(server.getInputStream().read()).isEqualTo(1);
          nodes.two.connections().drainTunnels();
          Thread answer = Thread.ofPlatform().start(() -> answerAfterEnd(server, much));
          client.getOutputStream().write(much);
          client.shutdownOutput();
          assertThat(client.getInputStream().readAllBytes()).isEqualTo(much);
          answer.join();
        }
      }
      Await.until("no tunnel is left", () -> nodes.two.connections().size() == 0);
    }
  }

  private static void answerAfterEnd(Socket server, byte[] expected) {
    try (server) {
      assertThat(server.getInputStream().readAllBytes()).isEqualTo(expected);
      server.getOutputStream().write(expected);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void unusedTunnelReleased() throws Exception {
    try (TwoNodes nodes =
            new TwoNodes(way, settings(Duration.ofMillis(20), Duration.ofSeconds(10)), 1);
        ServerSocket app = TwoNodes.app(nodes.web)) {
      closeAll(connect(nodes, app, 3));
      Await.until("tunnel released", () -> nodes.two.connections().size() == 0);
      closeAll(connect(nodes, app, 1));
    }
  }

  @Test
  void brokenTunnelResetsBothEnds() throws Exception {
    try (TwoNodes nodes = new TwoNodes(way);
        ServerSocket app = TwoNodes.app(nodes.web)) {
      List<Socket> sockets = connect(nodes, app, 5);
      nodes.two.connections().reset("the node ends");
      for (Socket socket : sockets) {
        assertThatThrownBy(() -> socket.getInputStream().read())
            .isInstanceOf(SocketException.class);
      }
      Await.until("all ended", () -> nodes.two.telemetry().openConnections() == 0);
      closeAll(connect(nodes, app, 1));
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

  private static TunnelSettings settings(Duration idleRelease, Duration connectTimeout) {
    TunnelSettings standard = TunnelSettings.standard();
    return new TunnelSettings(
        standard.streamWindow(),
        standard.connectionWindow(),
        standard.maxFrame(),
        standard.maxStreamsServed(),
        standard.maxStreamsUsed(),
        standard.stripes(),
        standard.maxHeaderList(),
        standard.pingInterval(),
        standard.pingTimeout(),
        idleRelease,
        connectTimeout,
        standard.answerTimeout(),
        standard.stallTimeout(),
        standard.unusedTimeout());
  }

  /** Connections through to an app that echoes; each has carried a byte. */
  private static List<Socket> connect(TwoNodes nodes, ServerSocket app, int count)
      throws Exception {
    Thread.ofVirtual().start(() -> echo(app, count));
    List<Socket> sockets = new ArrayList<>();
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<CompletableFuture<Socket>> opening = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        opening.add(CompletableFuture.supplyAsync(() -> open(nodes, app), threads));
      }
      opening.forEach(one -> sockets.add(one.join()));
    }
    return sockets;
  }

  private static Socket open(TwoNodes nodes, ServerSocket app) {
    try {
      Socket socket = nodes.connect(TwoNodes.address(app));
      socket.getOutputStream().write(42);
      assertThat(socket.getInputStream().read()).isEqualTo(42);
      return socket;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void echo(ServerSocket app, int count) {
    for (int i = 0; i < count; i++) {
      try {
        Socket socket = app.accept();
        Thread.ofVirtual().start(() -> echo(socket));
      } catch (IOException e) {
        return;
      }
    }
  }

  private static void echo(Socket socket) {
    try (socket) {
      socket.getInputStream().transferTo(socket.getOutputStream());
    } catch (IOException e) {
      // The test resets some.
    }
  }

  private static void closeAll(List<Socket> sockets) throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}

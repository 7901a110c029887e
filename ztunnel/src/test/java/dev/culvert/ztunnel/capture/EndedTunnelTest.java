// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.ztunnel.peers.Await;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Tunnels that are drained, released or broken, and the streams in them. */
@ParameterizedClass
@MethodSource("ways")
@Timeout(120)
final class EndedTunnelTest extends OutboundTunnelCase {
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
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.ztunnel.hbone.TunnelSettings;
import dev.culvert.ztunnel.peers.LeakWatch;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Direction;
import dev.culvert.ztunnel.telemetry.Outcome;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.params.Parameter;

/** Connections of a client through the tunnels between two nodes. */
abstract class OutboundTunnelCase {
  @Parameter Way way;

  static List<Way> ways() {
    return Way.all();
  }

  @AfterAll
  static void nothingLeaked() throws Exception {
    assertThat(LeakWatch.leaks()).isEmpty();
  }

  static TunnelSettings settings(Duration idleRelease, Duration connectTimeout) {
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
  static List<Socket> connect(TwoNodes nodes, ServerSocket app, int count) throws Exception {
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

  static Socket open(TwoNodes nodes, ServerSocket app) {
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

  static void closeAll(List<Socket> sockets) throws IOException {
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  static Outcome refused(TwoNodes nodes, ServerSocket app) throws Exception {
    try (Socket client = nodes.connect(TwoNodes.address(app))) {
      assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
    }
    return nodes.one.telemetry().next(Direction.OUTBOUND).outcome();
  }
}

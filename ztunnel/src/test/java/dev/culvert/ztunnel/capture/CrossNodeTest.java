// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.ztunnel.identity.TlsEngine;
import dev.culvert.ztunnel.peers.Await;
import dev.culvert.ztunnel.peers.LeakWatch;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Direction;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.ByteBufAllocatorMetricProvider;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("ways")
@Timeout(60)
class CrossNodeTest {
  @Parameter Way way;

  private TwoNodes nodes;
  private ServerSocket app;

  static List<Way> ways() {
    return Way.all();
  }

  @BeforeEach
  void start() throws Exception {
    nodes = new TwoNodes(way);
    app = TwoNodes.app(nodes.web);
  }

  @AfterEach
  void stop() throws Exception {
    app.close();
    nodes.close();
  }

  @AfterAll
  static void nothingLeaked() throws Exception {
    assertThat(LeakWatch.leaks()).isEmpty();
  }

  private static void send(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void requestAndAnswer() throws Exception {
    try (Socket client = nodes.connect(TwoNodes.address(app))) {
      send(client, "ping");
      try (Socket server = app.accept()) {
        assertThat(server.getInputStream().readNBytes(4)).asString().isEqualTo("ping");
        send(server, "pong");
        assertThat(client.getInputStream().readNBytes(4)).asString().isEqualTo("pong");
      }
      assertThat(client.getInputStream().read()).isEqualTo(-1);
    }
    assertThat(nodes.one.telemetry().next(Direction.OUTBOUND).outcome()).isEqualTo(Outcome.clean());
    RecordedTelemetry.Ended inbound = nodes.two.telemetry().next(Direction.INBOUND);
    assertThat(inbound.outcome()).isEqualTo(Outcome.clean());
    assertThat(inbound.sent()).isEqualTo(4);
    assertThat(inbound.received()).isEqualTo(4);
    assertThat(inbound.info().sourceIdentity()).contains(TestWorkloads.identity("client"));
    assertThat(inbound.info().sourceWorkload().orElseThrow().namespace()).isEqualTo("shop");
    assertThat(inbound.tls().orElseThrow().cipher()).startsWith("TLS_AES_");
    if (way.engine() == TlsEngine.OPENSSL) {
      assertThat(inbound.tls().orElseThrow().group()).contains("X25519MLKEM768");
    }
  }

  @Test
  void serverSpeaksFirst() throws Exception {
    try (Socket client = nodes.connect(TwoNodes.address(app));
        Socket server = app.accept()) {
      send(server, "220 ready");
      assertThat(client.getInputStream().readNBytes(9)).asString().isEqualTo("220 ready");
    }
  }

  @Test
  void bulkBothWaysAtOnce() throws Exception {
    try (Socket client = nodes.connect(TwoNodes.address(app));
        Socket server = app.accept()) {
      Bulk.bothWays(client, server, 64 << 20);
    }
  }

  @Test
  void clientEndsFirstAndStillReads() throws Exception {
    try (Socket client = nodes.connect(TwoNodes.address(app));
        Socket server = app.accept()) {
      send(client, "question");
      client.shutdownOutput();
      assertThat(server.getInputStream().readAllBytes()).asString().isEqualTo("question");
      send(server, "answer");
      server.shutdownOutput();
      assertThat(client.getInputStream().readAllBytes()).asString().isEqualTo("answer");
    }
  }

  @Test
  void serverEndsFirstAndStillReads() throws Exception {
    try (Socket client = nodes.connect(TwoNodes.address(app));
        Socket server = app.accept()) {
      send(server, "banner");
      server.shutdownOutput();
      assertThat(client.getInputStream().readAllBytes()).asString().isEqualTo("banner");
      send(client, "bye");
      client.shutdownOutput();
      assertThat(server.getInputStream().readAllBytes()).asString().isEqualTo("bye");
    }
  }

  @Test
  void resetOfTheServerReachesTheClient() throws Exception {
    try (Socket client = nodes.connect(TwoNodes.address(app))) {
      Socket server = app.accept();
      server.setSoLinger(true, 0);
      server.close();
      assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
    }
  }

  @Test
  void resetOfTheClientReachesTheServer() throws Exception {
    Socket client = nodes.connect(TwoNodes.address(app));
    try (Socket server = app.accept()) {
      server.setSoTimeout(30_000);
      client.setSoLinger(true, 0);
      client.close();
      assertThatThrownBy(() -> server.getInputStream().read()).isInstanceOf(SocketException.class);
    }
  }

  @Test
  void resetAfterHalfCloseReachesTheServer() throws Exception {
    Socket client = nodes.connect(TwoNodes.address(app));
    try (Socket server = app.accept()) {
      client.shutdownOutput();
      assertThat(server.getInputStream().read()).isEqualTo(-1);
      client.setSoLinger(true, 0);
      client.close();
      byte[] block = new byte[1 << 16];
      assertThatThrownBy(
              () -> {
                while (true) {
                  server.getOutputStream().write(block);
                }
              })
          .isInstanceOf(IOException.class);
    }
    Await.until("all closed", () -> nodes.one.telemetry().openConnections() == 0);
  }

  @Test
  void refusalOfTheAppResetsTheClient() throws Exception {
    InetSocketAddress nobody = TwoNodes.address(app);
    app.close();
    try (Socket client = nodes.connect(nobody)) {
      assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
    }
    Outcome outcome = nodes.one.telemetry().next(Direction.OUTBOUND).outcome();
    assertThat(outcome.flag()).isEqualTo(ResponseFlag.CONNECT);
    assertThat(outcome.error().orElseThrow()).contains("503");
  }

  @Test
  void deniedByPolicy() throws Exception {
    nodes.mesh.setPolicies(Policy.denyClient());
    try (Socket client = nodes.connect(TwoNodes.address(app))) {
      assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
    }
    assertThat(nodes.one.telemetry().next(Direction.OUTBOUND).outcome().flag())
        .isEqualTo(ResponseFlag.DENY);
    assertThat(nodes.two.telemetry().next(Direction.INBOUND).outcome().flag())
        .isEqualTo(ResponseFlag.DENY);
  }

  @Test
  void changedPolicyClosesTheOpenConnection() throws Exception {
    try (Socket client = nodes.connect(TwoNodes.address(app));
        Socket server = app.accept()) {
      client.getOutputStream().write(1);
      assertThat(server.getInputStream().read()).isEqualTo(1);
      nodes.mesh.setPolicies(Policy.denyClient());
      assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
      server.setSoTimeout(30_000);
      assertThatThrownBy(() -> server.getInputStream().read()).isInstanceOf(SocketException.class);
    }
    assertThat(nodes.two.telemetry().next(Direction.INBOUND).outcome().flag())
        .isEqualTo(ResponseFlag.DENY);
    Await.until("all closed", () -> nodes.two.watched() == 0);
    Await.until("all closed", () -> nodes.one.watched() == 0);
  }

  @Test
  void watchedAtBothEndsUntilItEnds() throws Exception {
    try (Socket client = nodes.connect(TwoNodes.address(app));
        Socket server = app.accept()) {
      send(client, "x");
      assertThat(server.getInputStream().read()).isEqualTo('x');
      assertThat(nodes.two.watched()).isOne();
      Await.until("watched at the source", () -> nodes.one.watched() == 1);
    }
    Await.until("forgotten", () -> nodes.one.watched() == 0 && nodes.two.watched() == 0);
  }

  @Test
  void slowReadersBoundWhatTheirSendersPushAndWhatIsHeld() throws Exception {
    long before = held();
    List<Socket> sockets = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      Socket client = nodes.connect(TwoNodes.address(app));
      sockets.add(client);
      sockets.add(app.accept());
      assertThat(Bulk.pushUntilStuck(client)).isLessThan(64L << 20);
    }
    // The tunnel's window is 16 MiB; before it, 512 KiB and one read wait for each connection. The
    // rest is what the allocator keeps for later.
    assertThat(held() - before).isLessThan(128L << 20);
    for (Socket socket : sockets) {
      socket.close();
    }
  }

  private static long held() {
    return ((ByteBufAllocatorMetricProvider) ByteBufAllocator.DEFAULT).metric().usedDirectMemory();
  }
}

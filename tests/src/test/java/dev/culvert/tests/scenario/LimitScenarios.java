// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.hostile.Answer;
import dev.culvert.tests.hostile.CertificateAuthority;
import dev.culvert.tests.hostile.Frame;
import dev.culvert.tests.hostile.HbonePeer;
import dev.culvert.tests.hostile.HboneServer;
import dev.culvert.tests.hostile.Manner;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Pods and peers that want more than their share, or time without end, of ztunnels whose limits are
 * low: what is beyond is refused and counted, and others get on.
 */
abstract class LimitScenarios {
  private static final int PORT = 8220;
  private static final int POD_CONNECTIONS = 45;
  private static final int PEER_CONNECTIONS = 30;
  private static final int POD_TUNNELS = 12;
  private static final int PEER_TUNNELS = 6;
  private static final int POD_HANDSHAKES = 8;
  private static final int DESCRIPTORS = 160;
  private static final String GUEST = "spiffe://cluster.local/ns/mesh/sa/guest";

  /** What the ztunnels of these scenarios are started with. */
  static final Map<String, String> SETTINGS =
      Map.ofEntries(
          Map.entry("pod-max-connections", Integer.toString(POD_CONNECTIONS)),
          Map.entry("peer-max-connections", Integer.toString(PEER_CONNECTIONS)),
          Map.entry("pod-max-tunnels", Integer.toString(POD_TUNNELS)),
          Map.entry("peer-max-tunnels", Integer.toString(PEER_TUNNELS)),
          Map.entry("pod-max-handshakes", Integer.toString(POD_HANDSHAKES)),
          Map.entry("max-descriptors", Integer.toString(DESCRIPTORS)),
          Map.entry("connect-timeout", "3s"),
          Map.entry("answer-timeout", "2s"),
          Map.entry("stall-timeout", "2s"),
          Map.entry("pool-idle", "500ms"),
          Map.entry("tunnel-unused", "2s"));

  private final Mesh mesh;
  private final List<AutoCloseable> open = new ArrayList<>();
  private AppServer app;

  LimitScenarios(Mesh mesh) {
    this.mesh = mesh;
  }

  @BeforeEach
  void startApp() throws IOException {
    app = mesh.server().serve(PORT, Services.echo());
  }

  @AfterEach
  void allIsGivenBack() throws Exception {
    for (AutoCloseable one : open) {
      one.close();
    }
    open.clear();
    app.close();
    for (MeshPod pod : List.of(mesh.client(), mesh.server())) {
      Await.until(
          "nothing is counted any more", () -> metric(pod, "culvert_limit_descriptors") == 0);
    }
  }

  @Test
  void connectionsOfAPodBeyondItsLimitAreReset() throws Exception {
    double before = refused(mesh.client(), "pod_connections");
    try (AppServer near = mesh.neighbour().serve(PORT, Services.echo())) {
      for (int i = 0; i < POD_CONNECTIONS; i++) {
        MeshPod to = i < PEER_CONNECTIONS ? mesh.server() : mesh.neighbour();
        assertThat(hold(mesh.client(), to.at(PORT))).isTrue();
      }
      assertThat(hold(mesh.client(), mesh.neighbour().at(PORT))).isFalse();
      assertThat(near.open()).isEqualTo(POD_CONNECTIONS - PEER_CONNECTIONS);
      assertThat(refused(mesh.client(), "pod_connections")).isEqualTo(before + 1);
      mesh.processes().ztunnelOf(mesh.client()).awaitLog("(setting pod-max-connections)");

      open.removeFirst().close();
      Await.until("there is room again", () -> echoes(mesh.client(), mesh.neighbour().at(PORT)));
    }
  }

  @Test
  void peerWithTooManyConnectionsDoesNotShutOutAnother() throws Exception {
    double before = refused(mesh.server(), "peer_connections");
    for (int i = 0; i < PEER_CONNECTIONS; i++) {
      assertThat(hold(mesh.client(), mesh.server().at(PORT))).isTrue();
    }
    assertThat(hold(mesh.client(), mesh.server().at(PORT))).isFalse();
    assertThat(refused(mesh.server(), "peer_connections")).isEqualTo(before + 1);
    assertThat(hold(mesh.neighbour(), mesh.server().at(PORT))).isTrue();
    assertThat(app.open()).isEqualTo(PEER_CONNECTIONS + 1);
  }

  /** Each such connection has two sockets here, and a pod alone may have half of all. */
  @Test
  void noisyPodLeavesItsNeighboursTheirShareOfSockets() throws Exception {
    try (AppServer outside = mesh.uncapturedServer().serve(PORT, Services.echo())) {
      double before = refused(mesh.client(), "pod_share");
      int got = 0;
      while (got <= DESCRIPTORS && hold(mesh.client(), mesh.uncapturedServer().at(PORT))) {
        got++;
      }
      assertThat(got).isEqualTo(DESCRIPTORS / 2 / 2);
      assertThat(refused(mesh.client(), "pod_share")).isGreaterThan(before);
      for (int i = 0; i < 10; i++) {
        assertThat(hold(mesh.neighbour(), mesh.uncapturedServer().at(PORT))).isTrue();
      }
      assertThat(outside.open()).isEqualTo(got + 10);
    }
  }

  @Test
  void peerWithTooManyTunnelsDoesNotShutOutAnother() throws Exception {
    List<HbonePeer> greedy = new ArrayList<>();
    for (int i = 0; i < PEER_TUNNELS; i++) {
      HbonePeer peer = peer(GUEST);
      open.add(peer);
      assertThat(peer.attempt(target())).isEqualTo(new Answer.Status(200));
      greedy.add(peer);
    }
    try (HbonePeer beyond = peer(GUEST)) {
      assertThat(beyond.attempt(target())).isInstanceOf(Answer.Closed.class);
    }
    assertThat(refused(mesh.server(), "peer_tunnels")).isPositive();
    try (HbonePeer another = peer(mesh.client().identity())) {
      assertThat(another.attempt(target())).isEqualTo(new Answer.Status(200));
    }
    assertThat(echoes(mesh.client(), mesh.server().at(PORT))).isTrue();
    greedy.getFirst().data(1, "still served");
    assertThat(greedy.getFirst().received(1, 12)).isEqualTo("still served");
  }

  @Test
  void tunnelsToAPodBeyondItsLimitAreClosed() throws Exception {
    List<HbonePeer> peers = new ArrayList<>();
    for (int i = 0; i < POD_TUNNELS; i++) {
      HbonePeer peer = peer(GUEST + i / 4);
      open.add(peer);
      assertThat(peer.attempt(target())).isEqualTo(new Answer.Status(200));
      peers.add(peer);
    }
    double before = refused(mesh.server(), "pod_tunnels");
    try (AppConnection beyond = dial()) {
      assertThat(Endings.of(beyond)).isNotEmpty();
    }
    assertThat(refused(mesh.server(), "pod_tunnels")).isEqualTo(before + 1);

    peers.getFirst().close();
    Await.until("there is room again", this::guestIsServed);
  }

  private boolean guestIsServed() throws IOException {
    try (HbonePeer peer = peer(GUEST)) {
      return peer.attempt(target()).equals(new Answer.Status(200));
    }
  }

  /** They say nothing: the oldest make room for who comes, and an honest one gets through. */
  @Test
  void halfOpenFlood() throws Exception {
    double before = refused(mesh.server(), "pod_handshakes");
    List<AppConnection> silent = new ArrayList<>();
    for (int i = 0; i < POD_HANDSHAKES + 2; i++) {
      AppConnection one = dial();
      open.add(one);
      silent.add(one);
    }
    assertThat(Endings.of(silent.get(0))).isNotEmpty();
    assertThat(Endings.of(silent.get(1))).isNotEmpty();
    assertThat(refused(mesh.server(), "pod_handshakes")).isGreaterThan(before);
    assertThat(echoes(mesh.client(), mesh.server().at(PORT))).isTrue();
  }

  @Test
  void handshakeThatIsNeverFinishedIsGivenUp() throws Exception {
    try (AppConnection slow = dial()) {
      slow.send("\u0016\u0003\u0001\u0002");
      assertThat(Endings.of(slow)).isNotEmpty();
    }
  }

  /** Before the first PING, which comes later and would find it too. */
  @Test
  void peerThatProvesItselfAndThenSaysNothingIsGivenUp() throws Exception {
    try (HbonePeer mute = peer(GUEST)) {
      assertThat(mute.heardUntilClosed()).extracting(Frame::type).doesNotContain(Frame.PING);
    }
  }

  @Test
  void connectThatNobodyAnswersFails() throws Exception {
    try (PlayedPod played = PlayedPod.add(mesh, "mute")) {
      HboneServer mute =
          HboneServer.echo(mesh.authority().issue(played.identity()), Manner.plain().mute());
      try (AppServer _ = played.serve(mute);
          AppConnection client = mesh.client().connect(played.pod().at(PORT))) {
        assertThat(Endings.of(client)).isEqualTo(Endings.RESET);
        assertThat(mute.waiting()).isPositive();
      }
      mesh.processes()
          .ztunnelOf(mesh.client())
          .awaitLog("the other side did not answer within PT2S");
    }
  }

  @Test
  void tunnelWithoutConnectionsIsLetGo() throws Exception {
    try (HbonePeer idle = peer(GUEST).greet()) {
      assertThat(idle.closing()).doesNotContain("GOAWAY"); // which has no error
    }
  }

  @Test
  void connectionWhoseReaderTakesNothingIsReset() throws Exception {
    var gate = new CountDownLatch(1);
    int port = mesh.nextPort();
    try (AppServer _ =
            mesh.server().serve(port, Services.readWhenOpened(gate, new CompletableFuture<>()));
        AppConnection client = mesh.client().connect(mesh.server().at(port))) {
      ByteBuffer bytes = ByteBuffer.allocateDirect(65_536);
      String ended = null;
      while (ended == null) {
        try {
          client.send(bytes.clear());
        } catch (IOException e) {
          ended = String.valueOf(e.getMessage());
        }
      }
      assertThat(ended).containsAnyOf("reset", "Broken pipe");
    } finally {
      gate.countDown();
    }
  }

  /** Whether it was let in; then it stays open until the end of the scenario. */
  private boolean hold(MeshPod from, InetSocketAddress to) {
    try {
      AppConnection connection = from.connect(to);
      open.add(connection);
      return connection.echo("in?").equals("in?");
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean echoes(MeshPod from, InetSocketAddress to) throws IOException {
    try (AppConnection connection = from.connect(to)) {
      return connection.echo("hello").equals("hello");
    }
  }

  private AppConnection dial() throws IOException {
    return mesh.outsider().connect(new InetSocketAddress(mesh.server().v4(), 15008));
  }

  private HbonePeer peer(String identity) throws IOException {
    SocketChannel channel = dial().channel();
    CertificateAuthority authority = mesh.authority();
    return HbonePeer.connect(channel, authority.issue(identity));
  }

  private String target() {
    return mesh.server().hostPort(PORT);
  }

  private static double refused(MeshPod pod, String limit) throws IOException {
    return metric(pod, "culvert_limit_refused_total{limit=\"%s\"}".formatted(limit));
  }

  private static double metric(MeshPod pod, String name) throws IOException {
    return pod.askZtunnel(15020, "/metrics")
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(line.lastIndexOf(' '))))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no metric " + name));
  }
}

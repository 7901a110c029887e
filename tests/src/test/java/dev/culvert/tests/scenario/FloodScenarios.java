// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.hostile.Answer;
import dev.culvert.tests.hostile.Frame;
import dev.culvert.tests.hostile.HbonePeer;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshProcess;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * A peer of the mesh, with a good certificate, that floods a pod's HBONE port or plays with its
 * windows: its own tunnel ends and says why, the proxy's memory stays bounded, and other pods'
 * connections through it go on.
 */
abstract class FloodScenarios {
  private static final int PORT = 8210;
  private static final int BULK_PORT = 8211;
  private static final int STREAM_LIMIT = 200;
  private static final String CLIENT = "spiffe://cluster.local/ns/mesh/sa/client";
  private static final String WITHOUT_USE = "frames without use";

  /** A fifth more than are let pass in 30 s, in parts that each fit a socket buffer. */
  private static final int PARTS = 24;

  private static final int PART = 1_000;

  private static final int MIB = 1024 * 1024;

  /** What a JVM's heap may grow by meanwhile, and some tunnels' windows. */
  private static final long MOST_GROWTH = 96L * MIB;

  private final Mesh mesh;
  private final MeshProcess ztunnel;
  private AppServer app;
  private AppConnection bystander;
  private InetSocketAddress from;
  private long descriptors;
  private long memory;

  FloodScenarios(Mesh mesh) {
    this.mesh = mesh;
    this.ztunnel = mesh.processes().ztunnelOf(mesh.server());
  }

  @BeforeEach
  void begin() throws Exception {
    app = mesh.server().serve(PORT, Services.echo());
    bystander = mesh.neighbour().connect(mesh.server().at(PORT));
    assertThat(bystander.echo("before")).isEqualTo("before");
    descriptors = ztunnel.settledDescriptors();
    memory = ztunnel.residentBytes();
  }

  @AfterEach
  void othersGoOnAndNothingIsLeft() throws Exception {
    try (AppServer _ = app;
        AppConnection _ = bystander) {
      assertThat(bystander.echo("after")).isEqualTo("after");
      try (AppConnection fresh = mesh.client().connect(mesh.server().at(PORT))) {
        assertThat(fresh.echo("a new one")).isEqualTo("a new one");
      }
      long grown = ztunnel.residentBytes() - memory;
      assertThat(grown).as("grown by").isLessThan(MOST_GROWTH);
      Await.until("the peer's streams are gone", () -> app.open() == 1);
      // The client's tunnels may be new.
      ztunnel.awaitDescriptors(descriptors + 2);
    }
  }

  @ParameterizedTest
  @EnumSource
  void frameWithoutUse(Useless kind) throws Exception {
    try (HbonePeer peer = peer()) {
      open(peer);
      for (int part = 0; part < PARTS; part++) {
        peer.rude(kind.frame().times(PART));
      }
      assertThat(peer.closing()).isNotEmpty();
    }
    // The reset of its only stream ends that, before the flood ends the tunnel.
    if (kind != Useless.RESET_OF_AN_ENDED_STREAM) {
      awaitReason(WITHOUT_USE);
    }
  }

  @Test
  void rapidReset() throws Exception {
    long most = 0;
    try (HbonePeer peer = peer()) {
      open(peer);
      try {
        for (int i = 0; i < PARTS * PART; i++) {
          int stream = peer.request(HbonePeer.connectTo(target()));
          peer.send(new Frame(Frame.RST_STREAM, 0, stream, new byte[] {0, 0, 0, 8}));
          if (i % STREAM_LIMIT == 0) {
            most = Math.max(most, ztunnel.descriptors());
          }
        }
      } catch (IOException e) {
        assertThat(e).as("the tunnel was ended").isNotNull();
      }
      assertThat(peer.closing()).isNotEmpty();
    }
    awaitReason(WITHOUT_USE);
    // Not what the app has open: it sees the end of a connection whenever it comes to it.
    assertThat(most).as("the proxy's descriptors").isLessThan(descriptors + 2 * STREAM_LIMIT);
  }

  @Test
  void headerBlockThatNeverEnds() throws Exception {
    endsTheTunnel(
        "a header block of more than",
        peer -> {
          peer.rude(new Frame(Frame.HEADERS, 0, 3, new byte[0]).bytes());
          peer.rude(new Frame(Frame.CONTINUATION, 0, 3, new byte[0]).times(PART));
        });
  }

  @Test
  void headerBlockLargerThanAnyRequest() throws Exception {
    endsTheTunnel(
        "a header block of more than",
        peer -> {
          peer.rude(new Frame(Frame.HEADERS, 0, 3, new byte[16_000]).bytes());
          peer.rude(new Frame(Frame.CONTINUATION, 0, 3, new byte[16_000]).times(8));
        });
  }

  @Test
  void moreDataThanTheStreamsWindow() throws Exception {
    var gate = new CountDownLatch(1);
    try (AppServer sleeper =
            mesh.server()
                .serve(BULK_PORT, Services.readWhenOpened(gate, new CompletableFuture<>()));
        HbonePeer peer = peer()) {
      int stream = peer.request(HbonePeer.connectTo(authority(BULK_PORT)));
      assertThat(peer.answer(stream)).isEqualTo(new Answer.Status(200));
      for (int i = 0; i < 32; i++) {
        peer.rude(new Frame(Frame.DATA, 0, stream, new byte[MIB]).bytes());
      }
      assertThat(ended(peer, stream)).isTrue();
      gate.countDown();
      Await.until("the app's connection is broken off", () -> sleeper.open() == 0);
    }
  }

  /** Windows of nothing, for all streams that a peer may have. */
  @Test
  void closedWindowsHoldTheAppsBack() throws Exception {
    var taken = new AtomicLong();
    try (AppServer _ = mesh.server().serve(BULK_PORT, endless(taken));
        HbonePeer peer = peer()) {
      peer.send(new Frame(Frame.SETTINGS, 0, 0, new byte[] {0, 4, 0, 0, 0, 0}));
      List<Integer> streams = new ArrayList<>();
      for (int i = 0; i < 64; i++) {
        streams.add(peer.request(HbonePeer.connectTo(authority(BULK_PORT))));
      }
      for (int stream : streams) {
        assertThat(peer.answer(stream)).isEqualTo(new Answer.Status(200));
      }
      Await.until("the apps are held back", new Standstill(taken)::reached);
      assertThat(ztunnel.residentBytes() - memory).as("grown by").isLessThan(MOST_GROWTH);
    }
  }

  /** A tunnel that is not read holds back what goes into it. */
  @Test
  void peerThatReadsNothing() throws Exception {
    var taken = new AtomicLong();
    try (AppServer _ = mesh.server().serve(BULK_PORT, endless(taken));
        HbonePeer peer = peer()) {
      peer.send(new Frame(Frame.SETTINGS, 0, 0, new byte[] {0, 4, 0x7f, -1, -1, -1}));
      peer.send(new Frame(Frame.WINDOW_UPDATE, 0, 0, new byte[] {0x7f, 0, 0, 0}));
      for (int i = 0; i < 64; i++) {
        var _ = peer.request(HbonePeer.connectTo(authority(BULK_PORT)));
      }
      Await.until("the apps are held back", new Standstill(taken)::reached);
      assertThat(ztunnel.residentBytes() - memory).as("grown by").isLessThan(MOST_GROWTH);
    }
  }

  private interface Attack {
    void on(HbonePeer peer) throws IOException;
  }

  private void endsTheTunnel(String reason, Attack attack) throws Exception {
    try (HbonePeer peer = peer()) {
      open(peer);
      attack.on(peer);
      assertThat(peer.closing()).isNotEmpty();
    }
    awaitReason(reason);
  }

  /** Its first stream, number 1. */
  private void open(HbonePeer peer) throws IOException {
    int stream = peer.request(HbonePeer.connectTo(target()));
    assertThat(peer.answer(stream)).isEqualTo(new Answer.Status(200));
    peer.data(stream, "hello");
    assertThat(peer.received(stream, 5)).isEqualTo("hello");
  }

  /** Whether the stream, or all of the tunnel, is over. */
  private static boolean ended(HbonePeer peer, int stream) throws IOException {
    try {
      var _ = peer.received(stream, Integer.MAX_VALUE);
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  /** In the line of a stream of the last peer's tunnel. */
  private void awaitReason(String reason) throws InterruptedException {
    String source =
        " src.addr=%s:%d ".formatted(from.getAddress().getHostAddress(), from.getPort());
    String destination = " dst.addr=%s ".formatted(target());
    Predicate<String> told =
        line -> line.contains(source) && line.contains(destination) && line.contains(reason);
    Path log = mesh.server().ztunnelLog();
    Await.until(
        "'%s' in a line of %s".formatted(reason, log),
        () -> Files.readAllLines(log).stream().anyMatch(told));
  }

  private static AppServer.Service endless(AtomicLong taken) {
    return connection -> {
      ByteBuffer bytes = ByteBuffer.allocateDirect(65_536);
      while (true) {
        taken.addAndGet(connection.channel().write(bytes.clear()));
      }
    };
  }

  private HbonePeer peer() throws IOException {
    AppConnection connection =
        mesh.outsider().connect(new InetSocketAddress(mesh.server().v4(), 15008));
    from = connection.local();
    return HbonePeer.connect(connection.channel(), mesh.authority().issue(CLIENT)).greet();
  }

  private String target() {
    return authority(PORT);
  }

  private String authority(int port) {
    return mesh.server().hostPort(port);
  }
}

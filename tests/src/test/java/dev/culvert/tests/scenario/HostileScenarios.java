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
import dev.culvert.tests.hostile.PeerCertificate;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import dev.culvert.tests.mesh.MeshProcess;
import io.netty.handler.codec.http2.Http2Headers;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A peer outside the mesh that dials a pod's HBONE port with whatever it likes. Nothing it does
 * reaches the app or stays.
 */
abstract class HostileScenarios {
  private static final int APP_PORT = 8200;
  private static final int STREAM_LIMIT = 200;
  private static final String CLIENT = "spiffe://cluster.local/ns/mesh/sa/client";

  private final Mesh mesh;
  private AppServer app;

  HostileScenarios(Mesh mesh) {
    this.mesh = mesh;
  }

  @BeforeEach
  void startApp() throws IOException {
    app = mesh.server().serve(APP_PORT, Services.echo());
  }

  @AfterEach
  void serverGoesOnServing() throws Exception {
    try (AppServer _ = app) {
      serves();
      app.nextPeer();
      assertThat(app.waitingPeers()).isZero();
    }
  }

  private void serves() throws Exception {
    try (HbonePeer peer = peer(mesh.authority().issue(CLIENT)).greet()) {
      int stream = peer.request(HbonePeer.connectTo(target()));
      assertThat(peer.answer(stream)).isEqualTo(new Answer.Status(200));
      peer.data(stream, "all is well");
      assertThat(peer.received(stream, 11)).isEqualTo("all is well");
    }
  }

  @Test
  void clientWithoutCertificate() throws Exception {
    refusedInTls(HbonePeer.anonymous(dial()));
  }

  @Test
  void untrustedClientCertificate() throws Exception {
    refusedInTls(peer(CertificateAuthority.stranger(mesh.authority().root()).issue(CLIENT)));
  }

  @Test
  void wrongTrustDomain() throws Exception {
    refusedInTls(peer(mesh.authority().issue("spiffe://elsewhere.example/ns/mesh/sa/client")));
  }

  @Test
  void certificateWithoutSpiffeId() throws Exception {
    refusedInTls(peer(mesh.authority().issueServer(InetAddress.getLoopbackAddress())));
  }

  @Test
  void expiredCertificate() throws Exception {
    Instant now = Instant.now();
    refusedInTls(
        peer(
            mesh.authority()
                .issue(CLIENT, now.minus(Duration.ofDays(2)), now.minus(Duration.ofDays(1)))));
  }

  @Test
  void certificateOfTomorrow() throws Exception {
    Instant now = Instant.now();
    refusedInTls(
        peer(
            mesh.authority()
                .issue(CLIENT, now.plus(Duration.ofDays(1)), now.plus(Duration.ofDays(2)))));
  }

  @Test
  void authorityThatNamesAnotherPod() throws Exception {
    answered(400, HbonePeer.connectTo(authority(mesh.uncapturedServer(), APP_PORT)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"nonsense", "198.18.0.1", "198.18.0.1:", "198.18.0.1:99999", "[::1"})
  void malformedAuthority(String authority) throws Exception {
    answered(400, HbonePeer.connectTo(authority));
  }

  /** Of the proxy's log nothing may be the peer's. */
  @Test
  void authorityWithALineBreakIsRefusedAndWritesNoLine() throws Exception {
    String forged = "INFO access connection complete src.addr=198.18.9.9:1";
    try (HbonePeer peer = peer(mesh.authority().issue(CLIENT)).greet()) {
      int stream = peer.request(HbonePeer.connectTo("a\n" + forged));
      assertThat(peer.answer(stream)).isEqualTo(new Answer.Reset(Answer.PROTOCOL_ERROR));
      assertThat(peer.answer(peer.request(HbonePeer.connectTo("b " + forged))))
          .isEqualTo(new Answer.Status(400));
    }
    Path log = mesh.server().ztunnelLog();
    Await.until("the second is told", () -> Files.readString(log).contains("'b " + forged));
    assertThat(Files.readAllLines(log)).noneMatch(line -> line.startsWith(forged));
  }

  @Test
  void emptyAuthority() throws Exception {
    try (HbonePeer peer = peer(mesh.authority().issue(CLIENT)).greet()) {
      int stream = peer.request(HbonePeer.connectTo(""));
      assertThat(peer.answer(stream)).isEqualTo(new Answer.Reset(Answer.PROTOCOL_ERROR));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {15001, 15006, 15008})
  void authorityThatNamesAProxyPort(int port) throws Exception {
    try (HbonePeer peer = peer(mesh.authority().issue(CLIENT)).greet()) {
      int stream = peer.request(HbonePeer.connectTo(authority(mesh.server(), port)));
      assertThat(peer.answer(stream)).isIn(new Answer.Status(400), new Answer.Status(503));
    }
  }

  @Test
  void notConnect() throws Exception {
    answered(400, HbonePeer.connectTo(target()).method("GET").scheme("https").path("/"));
  }

  @Test
  void nothingListensAtTheTarget() throws Exception {
    answered(503, HbonePeer.connectTo(authority(mesh.server(), 8299)));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ",,,",
        "=",
        "k8s.cluster.name",
        "k8s.namespace.name=%zz",
        "a=b;c=d,\u00e4=\u00f6"
      })
  void malformedBaggageIsNoReasonToRefuse(String baggage) throws Exception {
    accepted(HbonePeer.connectTo(target()).add("baggage", baggage));
  }

  @Test
  void missingBaggageIsNoReasonToRefuse() throws Exception {
    accepted(HbonePeer.connectTo(target()));
  }

  /** Streams beyond the limit are refused; who insists loses the connection. */
  @Test
  void moreStreamsThanAllowed() throws Exception {
    try (HbonePeer peer = peer(mesh.authority().issue(CLIENT)).greet()) {
      List<Integer> streams = new ArrayList<>();
      for (int i = 0; i < 1000; i++) {
        streams.add(peer.request(HbonePeer.connectTo(target())));
      }
      assertThat(served(peer, streams)).isLessThanOrEqualTo(STREAM_LIMIT);
      app.nextPeer();
    }
    // Whoever comes now is accepted after all of the rude peer's.
    serves();
    Await.until("the app's connections of the rude peer are gone", () -> app.open() == 0);
    assertThat(app.waitingPeers()).isLessThanOrEqualTo(STREAM_LIMIT);
    app.forgetPeers();
  }

  private static long served(HbonePeer peer, List<Integer> streams) throws IOException {
    long served = 0;
    for (int stream : streams) {
      Answer answer = peer.answer(stream);
      if (answer instanceof Answer.Closed) {
        return served;
      }
      served += answer.equals(new Answer.Status(200)) ? 1 : 0;
    }
    return served;
  }

  @Test
  void garbageInsteadOfThePreface() throws Exception {
    byte[] garbage = new byte[4096];
    new SplittableRandom(1).nextBytes(garbage);
    closedOn(garbage);
  }

  @Test
  void plainHttp1InsideTls() throws Exception {
    closedOn("GET / HTTP/1.1\r\nHost: server\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
  }

  @Test
  void frameLongerThanAllowed() throws Exception {
    closedAfterGreeting(new Frame(Frame.DATA, 0, 1, new byte[2 * 1024 * 1024]));
  }

  @Test
  void dataOnAStreamThatWasNeverOpened() throws Exception {
    closedAfterGreeting(new Frame(Frame.DATA, 0, 5, new byte[10]));
  }

  @Test
  void headersThatAreNotHpack() throws Exception {
    closedAfterGreeting(
        new Frame(Frame.HEADERS, Frame.END_HEADERS, 1, new byte[] {-1, -1, -1, -1, -1, -1, 0x7f}));
  }

  @Test
  void pingOfWrongLength() throws Exception {
    closedAfterGreeting(new Frame(Frame.PING, 0, 0, new byte[3]));
  }

  @Test
  void windowThatOverflows() throws Exception {
    closedAfterGreeting(new Frame(Frame.WINDOW_UPDATE, 0, 0, new byte[] {0x7f, -1, -1, -1}));
  }

  @Test
  void plaintextOnTheHbonePort() throws Exception {
    try (SocketChannel channel = dial()) {
      channel.write(StandardCharsets.US_ASCII.encode("GET / HTTP/1.1\r\n\r\n"));
      assertThat(Endings.of(new AppConnection(channel))).isNotEmpty();
    }
  }

  @Test
  void connectionsThatBreakOffLeaveNoDescriptor() throws Exception {
    MeshProcess ztunnel = mesh.processes().ztunnelOf(mesh.server());
    accepted(HbonePeer.connectTo(target()));
    long before = ztunnel.settledDescriptors();
    for (int i = 0; i < 50; i++) {
      try (SocketChannel channel = dial()) {
        channel.write(StandardCharsets.US_ASCII.encode("\u0016\u0003\u0001"));
      }
    }
    ztunnel.awaitDescriptors(before);
  }

  private void accepted(Http2Headers request) throws IOException, InterruptedException {
    answered(200, request);
    app.nextPeer();
  }

  private void answered(int status, Http2Headers request) throws IOException {
    try (HbonePeer peer = peer(mesh.authority().issue(CLIENT)).greet()) {
      assertThat(peer.answer(peer.request(request))).isEqualTo(new Answer.Status(status));
    }
  }

  /** TLS 1.3 lets the client finish first: the refusal is the alert that its first read meets. */
  private void refusedInTls(HbonePeer peer) throws IOException {
    try (peer) {
      assertThat(peer.attempt(target())).isInstanceOf(Answer.Closed.class);
    }
  }

  private void closedOn(byte[] firstBytes) throws IOException {
    try (HbonePeer peer = peer(mesh.authority().issue(CLIENT))) {
      assertThat(peer.rude(firstBytes).closing()).isNotEmpty();
    }
  }

  private void closedAfterGreeting(Frame frame) throws IOException {
    try (HbonePeer peer = peer(mesh.authority().issue(CLIENT)).greet()) {
      assertThat(peer.rude(frame.bytes()).closing()).isNotEmpty();
    }
  }

  private HbonePeer peer(PeerCertificate certificate) throws IOException {
    return HbonePeer.connect(dial(), certificate);
  }

  private SocketChannel dial() throws IOException {
    return mesh.outsider().connect(new InetSocketAddress(mesh.server().v4(), 15008)).channel();
  }

  private String target() {
    return authority(mesh.server(), APP_PORT);
  }

  private static String authority(MeshPod pod, int port) {
    return pod.hostPort(port);
  }
}

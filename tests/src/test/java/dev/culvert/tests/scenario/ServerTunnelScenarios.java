// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.hostile.Answer;
import dev.culvert.tests.hostile.Frame;
import dev.culvert.tests.hostile.HbonePeer;
import dev.culvert.tests.hostile.HboneServer;
import dev.culvert.tests.hostile.PeerCertificate;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import javax.net.ssl.SNIHostName;
import javax.net.ssl.SNIServerName;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLParameters;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * ztunnel as the server of peers that speak HBONE in their own way, each within what is allowed.
 */
abstract class ServerTunnelScenarios {
  private static final int MIB = 1 << 20;
  private static final int HBONE = 15008;
  private static final int NO_ERROR = 0;
  private static final int INTERNAL_ERROR = 2;
  private static final int CANCEL = 8;
  private static final String CLIENT = "spiffe://cluster.local/ns/mesh/sa/client";
  private static final String NEIGHBOUR = "spiffe://cluster.local/ns/mesh/sa/neighbour";

  private final Mesh mesh;

  ServerTunnelScenarios(Mesh mesh) {
    this.mesh = mesh;
  }

  @Test
  void settingsAndWindowsAreIstios() throws Exception {
    try (HbonePeer peer = peer().greet()) {
      assertThat(peer.setting(Frame.INITIAL_WINDOW_SIZE)).isEqualTo(4 * MIB);
      assertThat(peer.setting(Frame.MAX_FRAME_SIZE)).isEqualTo(MIB);
      assertThat(peer.setting(Frame.MAX_CONCURRENT_STREAMS)).isEqualTo(200);
      assertThat(peer.setting(Frame.MAX_HEADER_LIST_SIZE)).isEqualTo(65_536);
      assertThat(peer.answer(peer.request(HbonePeer.connectTo(authority(mesh.nextPort())))))
          .isEqualTo(new Answer.Status(503));
      assertThat(peer.connectionWindow()).isEqualTo(16 * MIB);
    }
  }

  @Test
  void settingsThatNobodyKnowsAreIgnored() throws Exception {
    int port = mesh.nextPort();
    try (AppServer _ = mesh.server().serve(port, Services.echo());
        HbonePeer peer = peer().greet(unusual())) {
      int stream = peer.request(HbonePeer.connectTo(authority(port)));
      assertThat(peer.answer(stream)).isEqualTo(new Answer.Status(200));
      peer.data(stream, "as ever");
      assertThat(peer.received(stream, 7)).isEqualTo("as ever");
    }
  }

  /** Of RFC 8441, of RFC 9218, and two of nobody. */
  static Frame unusual() {
    return Frame.settings(
        Frame.ENABLE_CONNECT_PROTOCOL, 1, Frame.NO_RFC7540_PRIORITIES, 1, 0xf0f0, 7, 0, -1);
  }

  @Test
  void frameOfOneMebibyteIsTaken() throws Exception {
    int port = mesh.nextPort();
    var heard = new CompletableFuture<String>();
    byte[] bytes = new byte[MIB];
    Arrays.fill(bytes, (byte) 'm');
    try (AppServer _ = mesh.server().serve(port, Services.listenOnly(heard::complete));
        HbonePeer peer = peer().greet()) {
      int stream = peer.request(HbonePeer.connectTo(authority(port)));
      assertThat(peer.answer(stream)).isEqualTo(new Answer.Status(200));
      peer.send(new Frame(Frame.DATA, Frame.END_STREAM, stream, bytes));
      assertThat(heard.get()).isEqualTo("m".repeat(MIB));
    }
  }

  /** The app is told of the end of a half, or of a break. */
  @ParameterizedTest
  @CsvSource({
    NO_ERROR + "," + Endings.FINISHED,
    CANCEL + "," + Endings.FINISHED,
    INTERNAL_ERROR + "," + Endings.RESET
  })
  void streamThatThePeerResets(int code, String ending) throws Exception {
    int port = mesh.nextPort();
    var ended = new CompletableFuture<String>();
    try (AppServer _ = mesh.server().serve(port, c -> ended.complete(Endings.of(c)));
        HbonePeer peer = peer().greet()) {
      int stream = peer.request(HbonePeer.connectTo(authority(port)));
      assertThat(peer.answer(stream)).isEqualTo(new Answer.Status(200));
      peer.send(Frame.reset(stream, code));
      assertThat(ended.get()).isEqualTo(ending);
    }
  }

  @Test
  void halfThatThePeerEndsLeavesTheOther() throws Exception {
    int port = mesh.nextPort();
    try (AppServer _ = mesh.server().serve(port, Services.answerAfterEnd());
        HbonePeer peer = peer().greet()) {
      int stream = peer.request(HbonePeer.connectTo(authority(port)));
      assertThat(peer.answer(stream)).isEqualTo(new Answer.Status(200));
      peer.data(stream, "question");
      peer.send(new Frame(Frame.DATA, Frame.END_STREAM, stream, new byte[0]));
      assertThat(peer.received(stream, 14)).isEqualTo("heard question");
      peer.awaitEnd(stream);
    }
  }

  @Test
  void peerThatGoesAwayKeepsItsStream() throws Exception {
    int port = mesh.nextPort();
    try (AppServer _ = mesh.server().serve(port, Services.echo());
        HbonePeer peer = peer().greet()) {
      int stream = peer.request(HbonePeer.connectTo(authority(port)));
      assertThat(peer.answer(stream)).isEqualTo(new Answer.Status(200));
      peer.send(Frame.goAway(0));
      peer.data(stream, "not gone yet");
      assertThat(peer.received(stream, 12)).isEqualTo("not gone yet");
    }
  }

  @Test
  void answerSaysWhoAnswered() throws Exception {
    int port = mesh.nextPort();
    try (AppServer _ = mesh.server().serve(port, Services.echo());
        HbonePeer peer = peer().greet()) {
      int stream = peer.request(HbonePeer.connectTo(authority(port)));
      assertThat(peer.header(stream, "baggage").split(","))
          .containsExactly(
              "k8s.cluster.name=Kubernetes",
              "k8s.namespace.name=mesh",
              "k8s.pod.name=server",
              "service.name=server",
              "service.version=latest",
              "cloud.region=north",
              "cloud.availability_zone=north-b");
    }
  }

  @Test
  void nameInTlsDoesNotMatter() throws Exception {
    List<SNIServerName> name = List.of(new SNIHostName("server.mesh.example"));
    accepted(mesh.nextPort(), tls -> tls.setServerNames(name));
  }

  /** Classical clients are let in; what was agreed on is in the log. */
  @ParameterizedTest
  @CsvSource({
    "x25519,X25519,TLS_AES_128_GCM_SHA256",
    "secp256r1,P-256,TLS_AES_256_GCM_SHA384",
    "secp384r1,P-384,TLS_AES_256_GCM_SHA384"
  })
  void clientWithOneClassicalGroup(String offered, String told, String cipher) throws Exception {
    int port = mesh.nextPort();
    accepted(
        port,
        tls -> {
          tls.setNamedGroups(new String[] {offered});
          tls.setCipherSuites(new String[] {cipher});
        });
    String agreed = " tls.cipher=\"%s\" tls.group=\"%s\"".formatted(cipher, told);
    Path log = mesh.server().ztunnelLog();
    Await.until("the log tells of them", () -> hasLine(log, port, agreed));
  }

  private boolean hasLine(Path log, int port, String text) throws IOException {
    String destination = " dst.addr=" + authority(port) + " ";
    return Files.readAllLines(log).stream()
        .anyMatch(line -> line.contains(destination) && line.contains(text));
  }

  private void accepted(int port, Consumer<SSLParameters> tls) throws Exception {
    PeerCertificate client = issue(CLIENT);
    SSLContext context = PeerCertificate.context(() -> client, () -> {});
    try (AppServer app = mesh.server().serve(port, Services.echo());
        HbonePeer peer = HbonePeer.connect(dial(), context, "", tls).greet()) {
      assertThat(peer.answer(peer.request(HbonePeer.connectTo(authority(port)))))
          .isEqualTo(new Answer.Status(200));
      app.nextPeer();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"olderVersion", "chacha", "noAlpn", "otherAlpn"})
  void clientThatOffersSomethingElseIsRefused(String what) throws Exception {
    PeerCertificate client = issue(CLIENT);
    SSLContext context = PeerCertificate.context(() -> client, () -> {});
    Consumer<SSLParameters> tls =
        switch (what) {
          case "olderVersion" -> all -> all.setProtocols(new String[] {"TLSv1.2"});
          case "chacha" ->
              all -> all.setCipherSuites(new String[] {"TLS_CHACHA20_POLY1305_SHA256"});
          case "noAlpn" -> all -> all.setApplicationProtocols(new String[0]);
          default -> all -> all.setApplicationProtocols(new String[] {"http/1.1"});
        };
    int port = mesh.nextPort();
    try (AppServer app = mesh.server().serve(port, Services.echo())) {
      assertThat(attempt(context, tls, port)).isInstanceOf(Answer.Closed.class);
      assertThat(app.waitingPeers()).isZero();
    }
  }

  private Answer attempt(SSLContext context, Consumer<SSLParameters> tls, int port)
      throws IOException {
    try (SocketChannel channel = dial();
        HbonePeer peer = HbonePeer.connect(channel, context, "", tls)) {
      return peer.attempt(authority(port));
    } catch (SSLException e) {
      return new Answer.Closed(e.toString());
    }
  }

  /** The same client does resume a session of a server that lets it, as the second half shows. */
  @Test
  void sessionOfOneIdentityIsNeverResumedByAnother() throws Exception {
    var face = new AtomicReference<>(issue(CLIENT));
    SSLContext context = PeerCertificate.context(face::get, () -> {});
    int port = mesh.nextPort();
    InetSocketAddress app = mesh.server().at(port);
    try (AppServer _ = mesh.server().serve(port, Services.echo())) {
      assertThat(identity(app, () -> talk(context, port))).contains(CLIENT);
      face.set(issue(NEIGHBOUR));
      assertThat(identity(app, () -> talk(context, port))).contains(NEIGHBOUR);
    }
    HboneServer lenient = HboneServer.echo(issue(CLIENT));
    try (AppServer _ = mesh.uncapturedServer().serve(HBONE, lenient)) {
      talk(mesh.outsider().connect(mesh.uncapturedServer().at(HBONE)).channel(), context, port);
      talk(mesh.outsider().connect(mesh.uncapturedServer().at(HBONE)).channel(), context, port);
      assertThat(lenient.connections()).isEqualTo(2);
      assertThat(lenient.proofs()).isEqualTo(1);
    }
  }

  private Optional<String> identity(InetSocketAddress app, Callable<?> action) throws Exception {
    return mesh.sourceIdentity(mesh.outsider().v4(), mesh.server(), app, action);
  }

  private String talk(SSLContext context, int port) throws IOException {
    return talk(dial(), context, port);
  }

  private String talk(SocketChannel channel, SSLContext context, int port) throws IOException {
    try (HbonePeer peer = HbonePeer.connect(channel, context, "server", _ -> {}).greet()) {
      int stream = peer.request(HbonePeer.connectTo(authority(port)));
      peer.data(stream, "who am I?");
      return peer.received(stream, 9);
    }
  }

  private HbonePeer peer() throws IOException {
    return HbonePeer.connect(dial(), issue(CLIENT));
  }

  private PeerCertificate issue(String identity) {
    try {
      return mesh.authority().issue(identity);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private SocketChannel dial() throws IOException {
    return mesh.outsider().connect(mesh.server().at(HBONE)).channel();
  }

  private String authority(int port) {
    return mesh.server().hostPort(port);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.hostile.Answer;
import dev.culvert.tests.hostile.CertificateAuthority;
import dev.culvert.tests.hostile.HbonePeer;
import dev.culvert.tests.hostile.HboneServer;
import dev.culvert.tests.hostile.PeerCertificate;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import dev.culvert.tests.mesh.MeshProcess;
import dev.culvert.tests.mesh.Root;
import dev.culvert.tests.mesh.Transports;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A mesh where what takes hours elsewhere takes seconds: certificates are renewed and end, roots
 * follow each other, unused tunnels are released. Each takes up what the one before it left.
 */
@Root
@ParameterizedClass(name = "{0}")
@MethodSource("transports")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
record ShortTimesTest(String transport) {
  private static final int HBONE = 15008;
  private static final int REFUSED_STREAM = 7;
  private static final Map<String, String> TIMES =
      Map.of("certificate-ttl", "16s", "pool-idle", "1s", "connect-timeout", "2s");

  private static CertificateAuthority first;
  private static CertificateAuthority second;
  private static Mesh mesh;
  private static Silence silence;

  static Stream<String> transports() {
    return Transports.available();
  }

  @BeforeParameterizedClassInvocation
  static void start(String transport) throws Exception {
    first = CertificateAuthority.alone();
    second = CertificateAuthority.alone();
    mesh = Mesh.startUnder(first, transport, TIMES);
    silence = Silence.begin(mesh, first);
  }

  @AfterParameterizedClassInvocation
  static void stop() throws Exception {
    if (silence != null) {
      silence.end();
      silence = null;
    }
    if (mesh != null) {
      mesh.close();
      mesh = null;
    }
  }

  @Test
  @Order(1)
  void certificateIsThereBeforeAnybodyConnects() throws Exception {
    try (MeshPod pod = mesh.addPod(Mesh.NODE_1, "early", true)) {
      Await.until(
          "its certificate",
          () -> TelemetryScenarios.text(certificate(pod), "state").equals("Available"));
    }
  }

  @Test
  @Order(2)
  void unusedTunnelIsReleasedAndAnotherDialled() throws Exception {
    int port = mesh.nextPort();
    try (AppServer _ = mesh.server().serve(port, Services.echo())) {
      assertThat(echoes(mesh.server(), port)).isTrue();
      Await.until("no tunnel is left", () -> isWithoutTunnel(mesh.server()));
      try (AppConnection client = mesh.client().connect(mesh.server().at(port))) {
        assertThat(client.echo("again")).isEqualTo("again");
        assertThat(mesh.client().tunnels(mesh.server().at(HBONE))).isEqualTo(1);
      }
    }
  }

  @Test
  @Order(3)
  void blockedTunnelPortNamesTheLikelyCause() throws Exception {
    try (MeshPod pod = mesh.addPod(Mesh.NODE_2, "blocked", true);
        AppServer app = pod.serve(8560, Services.echo())) {
      mesh.client().awaitTunnelsTo(pod);
      Await.until("it is reached", () -> echoes(pod, 8560));
      app.forgetPeers();
      // Before: the end of a tunnel does not get through what is blocked.
      Await.until("its tunnel is released", () -> isWithoutTunnel(pod));
      String rules =
          "add table inet blocked; add chain inet blocked in { type filter hook input priority 0;"
              + " }; add rule inet blocked in tcp dport 15008 drop";
      mesh.lab().run(mesh.lab().pods().get("blocked").place(), List.of("nft", rules));
      assertThat(echoes(pod, 8560)).isFalse();
      assertThat(app.waitingPeers()).isZero();
      String cause = "connection timed out, maybe a NetworkPolicy is blocking HBONE port 15008";
      Await.until(
          "the log says so",
          () ->
              Files.readAllLines(mesh.client().ztunnelLog()).stream()
                  .anyMatch(
                      line ->
                          line.contains(" dst.workload=\"blocked\"")
                              && line.contains("response_flags=\"NETWORK_POLICY\"")
                              && line.contains(cause)));
    }
  }

  @Test
  @Order(4)
  void certificateIsRenewedAndItsConnectionsGoOn() throws Exception {
    int port = mesh.nextPort();
    String before = serial(mesh.client());
    try (AppServer _ = mesh.server().serve(port, Services.echo());
        AppConnection open = mesh.client().connect(mesh.server().at(port))) {
      assertThat(open.echo("before")).isEqualTo("before");
      Await.until("another certificate", () -> !serial(mesh.client()).equals(before));
      assertThat(open.echo("after")).isEqualTo("after");
      assertThat(echoes(mesh.server(), port)).isTrue();
    }
  }

  /** Nobody renews what peers of other makes show: their tunnels may outlive it by days. */
  @Test
  @Order(5)
  void peerWhoseCertificateEndsKeepsItsConnectionAndOpensNoOther() throws Exception {
    int port = mesh.nextPort();
    String authority = mesh.server().v4().getHostAddress() + ":" + port;
    try (AppServer _ = mesh.server().serve(port, Services.echo());
        HbonePeer peer =
            HbonePeer.connect(
                mesh.outsider().connect(mesh.server().at(HBONE)).channel(),
                brief("spiffe://cluster.local/ns/mesh/sa/other"))) {
      int open = peer.greet().request(HbonePeer.connectTo(authority));
      assertThat(peer.answer(open)).isEqualTo(new Answer.Status(200));
      assertThat(peer.awaitLastStream()).isEqualTo(open);
      assertThat(peer.answer(peer.request(HbonePeer.connectTo(authority))))
          .isEqualTo(new Answer.Reset(REFUSED_STREAM));
      peer.data(open, "still here");
      assertThat(peer.received(open, 10)).isEqualTo("still here");
    }
  }

  @Test
  @Order(6)
  void serverWhoseCertificateEndsKeepsItsConnectionAndGetsNoOther() throws Exception {
    try (PlayedPod played = PlayedPod.add(mesh, "brief");
        AppServer _ = played.serve(HboneServer.echo(brief(played.identity())));
        AppConnection open = mesh.client().connect(played.pod().at(8561))) {
      assertThat(open.echo("before")).isEqualTo("before");
      Await.until("nothing more is opened", () -> !echoes(played.pod(), 8561));
      assertThat(echoes(played.pod(), 8561)).isFalse();
      assertThat(open.echo("still here")).isEqualTo("still here");
    }
  }

  private static PeerCertificate brief(String identity) {
    Instant now = Instant.now();
    return first.issue(identity, now.minusSeconds(60), now.plusSeconds(6));
  }

  @Test
  @Order(7)
  void oldCertificateServesWhileItIsGoodAndNothingDoesAfterwards() throws Exception {
    int port = mesh.nextPort();
    MeshProcess controlPlane = mesh.processes().controlPlane();
    try (AppServer app = mesh.server().serve(port, Services.echo())) {
      String renewed = serial(mesh.client());
      Await.until("a fresh one", () -> !serial(mesh.client()).equals(renewed));
      controlPlane.kill();
      mesh.processes().ztunnelOf(mesh.client()).awaitLog("; the old one is good until ");
      try (AppConnection open = mesh.client().connect(mesh.server().at(port))) {
        assertThat(open.echo("before")).isEqualTo("before");
        Await.until("it has ended", () -> !echoes(mesh.server(), port));
        app.forgetPeers();
        assertThat(echoes(mesh.server(), port)).isFalse();
        assertThat(app.waitingPeers()).isZero();
        assertThat(open.echo("its tunnel is there")).isEqualTo("its tunnel is there");
      }
      // What it signs now says both: the next scenario need not wait until that is so.
      first.signIn(mesh.authorityFolder(), first, second);
      controlPlane.start();
      controlPlane.awaitReady();
      Await.until("there is another", () -> echoes(mesh.server(), port));
    }
  }

  /** As the document tells an operator to: trusted, then signing, then the first is forgotten. */
  @Test
  @Order(8)
  void oneRootFollowsAnotherWithoutAFailure() throws Exception {
    int port = mesh.nextPort();
    Path authority = mesh.authorityFolder();
    try (AppServer _ = mesh.server().serve(port, Services.echo());
        AppConnection open = mesh.client().connect(mesh.server().at(port))) {
      assertThat(open.echo("before")).isEqualTo("before");
      awaitWorking(port, "both are trusted", pod -> roots(pod).equals(serials(first, second)));
      second.signIn(authority, first, second);
      awaitWorking(port, "the second signs", pod -> isSigned(pod, second));
      second.signIn(authority, second);
      awaitWorking(port, "the first is forgotten", pod -> roots(pod).equals(serials(second)));
      assertThat(open.echo("all the while")).isEqualTo("all the while");
    }
  }

  @Test
  @Order(9)
  void peersThatAnswerNoPingAreLetGo() throws Exception {
    silence.awaitTunnelsClosed();
  }

  @Test
  @Order(10)
  void nameThatNoResolverAnswersFails() throws Exception {
    silence.awaitFailure();
  }

  /** Until that is true of both ends, new connections are made all the time, and none fails. */
  private static void awaitWorking(int port, String what, Told told) throws Exception {
    List<String> failures = new ArrayList<>();
    Await.until(
        what,
        () -> {
          if (!echoes(mesh.server(), port)) {
            failures.add(Instant.now() + ": refused");
          }
          return told.of(mesh.client()) && told.of(mesh.server());
        });
    assertThat(failures).isEmpty();
  }

  @FunctionalInterface
  private interface Told {
    boolean of(MeshPod pod) throws Exception;
  }

  private static Set<String> serials(CertificateAuthority... authorities) {
    return Arrays.stream(authorities)
        .map(one -> one.root().getSerialNumber().toString())
        .collect(Collectors.toSet());
  }

  private static Set<String> roots(MeshPod pod) throws IOException {
    return certificate(pod).getAsJsonArray("rootCerts").asList().stream()
        .map(root -> TelemetryScenarios.text(root.getAsJsonObject(), "serialNumber"))
        .collect(Collectors.toSet());
  }

  private static boolean isSigned(MeshPod pod, CertificateAuthority by)
      throws IOException, CertificateException {
    byte[] pem = Base64.getDecoder().decode(TelemetryScenarios.text(leaf(pod), "pem"));
    var leaf =
        CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(pem));
    try {
      leaf.verify(by.root().getPublicKey());
      return true;
    } catch (GeneralSecurityException _) {
      return false;
    }
  }

  private static String serial(MeshPod pod) throws IOException {
    return TelemetryScenarios.text(leaf(pod), "serialNumber");
  }

  private static JsonObject leaf(MeshPod pod) throws IOException {
    return certificate(pod).getAsJsonArray("certChain").get(0).getAsJsonObject();
  }

  /** What its ztunnel holds of its identity. */
  private static JsonObject certificate(MeshPod pod) throws IOException {
    return TelemetryScenarios.dump(pod).getAsJsonArray("certificates").asList().stream()
        .map(JsonElement::getAsJsonObject)
        .filter(one -> TelemetryScenarios.text(one, "identity").equals(pod.identity()))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no certificate of " + pod));
  }

  private static boolean isWithoutTunnel(MeshPod to) throws IOException {
    return mesh.client().tunnels(to.at(HBONE)) == 0;
  }

  private static boolean echoes(MeshPod to, int port) {
    try (AppConnection client = mesh.client().connect(to.at(port))) {
      return client.echo("anybody?").equals("anybody?");
    } catch (IOException _) {
      return false;
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

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
import dev.culvert.tests.mesh.Root;
import dev.culvert.tests.mesh.Transports;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
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
 * A mesh where what takes hours elsewhere takes seconds: unused tunnels are released, certificates
 * of peers end, who says nothing is found out. That takes the longest, so it is looked for last.
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
      Map.of("pool-idle", "1s", "connect-timeout", "2s");

  private static CertificateAuthority authority;
  private static Mesh mesh;
  private static Silence silence;

  static Stream<String> transports() {
    return Transports.available();
  }

  @BeforeParameterizedClassInvocation
  static void start(String transport) throws Exception {
    authority = CertificateAuthority.alone();
    mesh = Mesh.startUnder(authority, transport, TIMES);
    silence = Silence.begin(mesh, authority);
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
  @Order(2)
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

  /** Nobody renews what peers of other makes show: their tunnels may outlive it by days. */
  @Test
  @Order(3)
  void peerWhoseCertificateEndsKeepsItsConnectionAndOpensNoOther() throws Exception {
    int port = mesh.nextPort();
    String target = mesh.server().hostPort(port);
    try (AppServer _ = mesh.server().serve(port, Services.echo());
        HbonePeer peer =
            HbonePeer.connect(
                mesh.outsider().connect(mesh.server().at(HBONE)).channel(),
                brief("spiffe://cluster.local/ns/mesh/sa/other"))) {
      int open = peer.greet().request(HbonePeer.connectTo(target));
      assertThat(peer.answer(open)).isEqualTo(new Answer.Status(200));
      assertThat(peer.awaitLastStream()).isEqualTo(open);
      assertThat(peer.answer(peer.request(HbonePeer.connectTo(target))))
          .isEqualTo(new Answer.Reset(REFUSED_STREAM));
      peer.data(open, "still here");
      assertThat(peer.received(open, 10)).isEqualTo("still here");
    }
  }

  @Test
  @Order(4)
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
    return authority.issue(identity, now.minusSeconds(60), now.plusSeconds(6));
  }

  @Test
  @Order(5)
  void peersThatAnswerNoPingAreLetGo() throws Exception {
    silence.awaitTunnelsClosed();
  }

  @Test
  @Order(6)
  void nameThatNoResolverAnswersFails() throws Exception {
    silence.awaitFailure();
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

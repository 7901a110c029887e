// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.hostile.Answer;
import dev.culvert.tests.hostile.HbonePeer;
import dev.culvert.tests.hostile.PeerCertificate;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Peers whose certificate was taken back, or that know the mesh by another name. */
abstract class PeerTrustScenarios {
  private static final String POLICY = "trust.yaml";

  private final Mesh mesh;

  PeerTrustScenarios(Mesh mesh) {
    this.mesh = mesh;
  }

  @Test
  void peerOfAnAliasIsServed() throws Exception {
    int port = mesh.nextPort();
    try (AppServer app = mesh.server().serve(port, Services.echo());
        HbonePeer peer = peer("spiffe://old.example/ns/mesh/sa/client").greet()) {
      int stream = peer.request(HbonePeer.connectTo(authority(port)));
      assertThat(peer.answer(stream)).isEqualTo(new Answer.Status(200));
      app.nextPeer();
    }
  }

  @Test
  void peerOfAnotherTrustDomainIsRefused() throws Exception {
    int port = mesh.nextPort();
    try (AppServer app = mesh.server().serve(port, Services.echo());
        HbonePeer peer = peer("spiffe://elsewhere.example/ns/mesh/sa/client")) {
      assertThat(peer.attempt(authority(port))).isInstanceOf(Answer.Closed.class);
      assertThat(app.waitingPeers()).isZero();
    }
  }

  @Test
  void policyThatNamesAnAliasMeansThePeersOfTheMesh() throws Exception {
    int port = mesh.nextPort();
    try (AppServer app = mesh.server().serve(port, Services.echo())) {
      mesh.apply(POLICY, deny("old.example/ns/mesh/sa/client", port));
      Await.until("the client is refused", () -> !echoes(mesh.client(), mesh.server().at(port)));
      assertThat(echoes(mesh.neighbour(), mesh.server().at(port))).isTrue();
      app.forgetPeers();
    } finally {
      mesh.withdraw(POLICY);
    }
  }

  /** Whether an attempt of the client does not get as far as the app. */
  private boolean isRefused(AppServer app, int port) {
    app.forgetPeers();
    return !echoes(mesh.client(), mesh.server().at(port)) && app.waitingPeers() == 0;
  }

  @Test
  void policyOfTheMeshMeansThePeersOfAnAlias() throws Exception {
    int port = mesh.nextPort();
    try (AppServer app = mesh.server().serve(port, Services.echo())) {
      mesh.apply(POLICY, deny("cluster.local/ns/mesh/sa/client", port));
      // The edit may also cut a connection that was let in, which the app accepts a moment later.
      Await.until("the client is refused", () -> isRefused(app, port));
      try (HbonePeer denied = peer("spiffe://old.example/ns/mesh/sa/client");
          HbonePeer other = peer("spiffe://old.example/ns/mesh/sa/neighbour")) {
        assertThat(denied.attempt(authority(port))).isEqualTo(new Answer.Status(401));
        assertThat(app.waitingPeers()).isZero();
        assertThat(other.attempt(authority(port))).isEqualTo(new Answer.Status(200));
      }
    } finally {
      mesh.withdraw(POLICY);
    }
  }

  @Test
  void revokedPeerIsClosedAndNotLetInAgain() throws Exception {
    int port = mesh.nextPort();
    MeshPod client = mesh.addPod(Mesh.NODE_1, "revoked", true);
    try (AppServer app = mesh.server().serve(port, Services.echo());
        AppConnection open = client.connect(mesh.server().at(port));
        AppConnection other = mesh.client().connect(mesh.server().at(port))) {
      assertThat(open.echo("still good")).isEqualTo("still good");
      assertThat(other.echo("good")).isEqualTo("good");

      revoke(client);
      assertThat(Endings.of(open)).isEqualTo(Endings.RESET);
      Path log = mesh.server().ztunnelLog();
      Await.until(
          "the reason in the access log", () -> saysRevoked(log, " dst.addr=" + authority(port)));
      app.forgetPeers();
      assertThat(echoes(client, mesh.server().at(port))).isFalse();
      assertThat(app.waitingPeers()).isZero();
      assertThat(other.echo("still good")).isEqualTo("still good");
    } finally {
      revokeNobody();
      client.close();
    }
  }

  /** The server's own ztunnel does not judge it: the client's does, with its handshake over. */
  @Test
  void revokedServerIsLeftAndNotTalkedToAgain() throws Exception {
    int port = mesh.nextPort();
    MeshPod server = mesh.addPod(Mesh.NODE_2, "taken-back", true);
    try (AppServer app = server.serve(port, Services.echo());
        AppConnection open = connectInTunnel(server.at(port), server)) {
      assertThat(open.echo("still good")).isEqualTo("still good");
      app.nextPeer();

      revoke(server);
      assertThat(Endings.of(open)).isEqualTo(Endings.RESET);
      Path log = mesh.client().ztunnelLog();
      String destination = " dst.addr=%s:%d".formatted(server.v4().getHostAddress(), port);
      Await.until("the reason in the access log", () -> saysRevoked(log, destination));
      assertThat(echoes(mesh.client(), server.at(port))).isFalse();
      assertThat(app.waitingPeers()).isZero();
    } finally {
      revokeNobody();
      server.close();
    }
  }

  /** Until the client's ztunnel knows the pod, it is an address outside of the mesh. */
  private AppConnection connectInTunnel(InetSocketAddress to, MeshPod pod) throws Exception {
    mesh.client().awaitTunnelsTo(pod);
    return mesh.client().connect(to);
  }

  private void revoke(MeshPod pod) throws IOException {
    Files.writeString(mesh.processes().crlFile(), mesh.authority().crl(serialOf(pod)));
  }

  private void revokeNobody() throws IOException {
    Files.writeString(mesh.processes().crlFile(), mesh.authority().crl());
  }

  private static boolean echoes(MeshPod from, InetSocketAddress to) {
    try (AppConnection connection = from.connect(to)) {
      return connection.echo("may I?").equals("may I?");
    } catch (IOException _) {
      return false;
    }
  }

  private static boolean saysRevoked(Path log, String destination) {
    try {
      return Files.readAllLines(log).stream()
          .anyMatch(line -> line.contains(destination) && line.contains("=\"CERT_REVOKED\""));
    } catch (IOException e) {
      return false;
    }
  }

  private static String deny(String principal, int port) {
    return """
    apiVersion: policy.culvert.dev/v1alpha1
    kind: AuthorizationPolicy
    metadata: {name: trust, namespace: mesh}
    spec:
      selector: {matchLabels: {app: server}}
      action: DENY
      rules:
      - from:
        - source: {principals: ["%s"]}
        to:
        - operation: {ports: ["%d"]}
    """
        .formatted(principal, port);
  }

  private static BigInteger serialOf(MeshPod pod) throws IOException {
    return new BigInteger(ConfigDump.serial(pod));
  }

  private HbonePeer peer(String identity) throws IOException {
    PeerCertificate certificate = mesh.authority().issue(identity);
    SocketChannel channel =
        mesh.outsider().connect(new InetSocketAddress(mesh.server().v4(), 15008)).channel();
    return HbonePeer.connect(channel, certificate);
  }

  private String authority(int port) {
    return mesh.server().hostPort(port);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
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
  void openConnectionOfARevokedPeerIsClosed() throws Exception {
    int port = mesh.nextPort();
    MeshPod client = mesh.addPod(Mesh.NODE_1, "revoked", true);
    Path crl = mesh.processes().crlFile();
    try (AppServer _ = mesh.server().serve(port, Services.echo());
        AppConnection app = client.connect(mesh.server().at(port))) {
      assertThat(app.echo("still good")).isEqualTo("still good");

      Files.writeString(crl, mesh.authority().crl(serialOf(client)));
      assertThat(ended(app)).isTrue();
      Path log = mesh.server().ztunnelLog();
      Await.until(
          "the reason in the access log", () -> saysRevoked(log, " dst.addr=" + authority(port)));
    } finally {
      Files.writeString(crl, mesh.authority().crl());
      client.close();
    }
  }

  private static boolean ended(AppConnection app) {
    try {
      return app.receiveAll().isEmpty();
    } catch (IOException e) {
      return true;
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

  private static BigInteger serialOf(MeshPod pod) throws IOException {
    for (JsonElement one : TelemetryScenarios.dump(pod).getAsJsonArray("certificates")) {
      JsonObject certificate = one.getAsJsonObject();
      if (TelemetryScenarios.text(certificate, "identity").equals(pod.identity())) {
        JsonObject leaf = certificate.getAsJsonArray("certChain").get(0).getAsJsonObject();
        return new BigInteger(TelemetryScenarios.text(leaf, "serialNumber"));
      }
    }
    throw new AssertionError("no certificate of " + pod);
  }

  private HbonePeer peer(String identity) throws IOException {
    PeerCertificate certificate = mesh.authority().issue(identity);
    SocketChannel channel =
        mesh.outsider().connect(new InetSocketAddress(mesh.server().v4(), 15008)).channel();
    return HbonePeer.connect(channel, certificate);
  }

  private String authority(int port) {
    return mesh.server().v4().getHostAddress() + ":" + port;
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.spiffe.TrustDomain;
import dev.culvert.policy.spiffe.TrustDomains;
import dev.culvert.ztunnel.hbone.TunnelSettings;
import dev.culvert.ztunnel.identity.MeshTrust;
import dev.culvert.ztunnel.identity.Revocations;
import dev.culvert.ztunnel.identity.TestCertificates;
import dev.culvert.ztunnel.peers.TestCa;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Direction;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Peers whose certificate was taken back, or names the mesh by another name. */
@ParameterizedClass
@MethodSource("ways")
@Timeout(60)
class PeerTrustTest {
  private static final TrustDomain ALIAS = new TrustDomain("old.example");
  private static final String CLIENT_BY_ALIAS = "spiffe://old.example/ns/shop/sa/client";
  private static final String CLIENT_ELSEWHERE = "spiffe://elsewhere/ns/shop/sa/client";
  private static final String WEB_BY_ALIAS = "spiffe://old.example/ns/shop/sa/web";

  @Parameter Way way;
  @TempDir private Path folder;

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private Path crl;
  private Revocations revocations;
  private TwoNodes nodes;
  private ServerSocket app;

  static List<Way> ways() {
    return Way.all();
  }

  @BeforeEach
  void start() throws Exception {
    crl = folder.resolve("crl.pem");
    revocations = Revocations.of(crl, Duration.ofMillis(20), registry);
    TrustDomains domains = new TrustDomains(TestCertificates.DOMAIN, Set.of(ALIAS));
    nodes = new TwoNodes(way, TunnelSettings.standard(), 1, new MeshTrust(domains, revocations));
    app = TwoNodes.app(nodes.web);
    nodes.certificatesOne.prefetch(nodes.client.identity());
    nodes.certificatesTwo.prefetch(nodes.web.identity());
  }

  @AfterEach
  void stop() throws Exception {
    app.close();
    nodes.close();
    revocations.close();
  }

  @Test
  void revokedPeerIsClosedAndNotLetInAgain() throws Exception {
    try (Socket client = connect();
        Socket server = app.accept()) {
      server.getOutputStream().write(1);
      assertThat(client.getInputStream().read()).isEqualTo(1);

      revoke();
      assertThat(endOf(client)).isIn(-1, "reset");
    }
    Outcome inbound = nodes.two.telemetry().next(Direction.INBOUND).outcome();
    assertThat(inbound.flag()).isEqualTo(ResponseFlag.CERT_REVOKED);
    assertThat(inbound.error().orElseThrow()).contains("was revoked by its issuer");
    assertThat(nodes.one.telemetry().next(Direction.OUTBOUND).outcome().error()).isPresent();
    assertThat(rejections("destination")).isPositive();

    try (Socket again = connect()) {
      assertThat(endOf(again)).isIn(-1, "reset");
    }
    assertThat(nodes.one.telemetry().next(Direction.OUTBOUND).outcome().error()).isPresent();
  }

  @Test
  void revokedServerIsRefused() throws Exception {
    Files.writeString(crl, nodes.ca.crl(nodes.certificatesTwo.leaf(nodes.web.identity())));
    revocations.reload();

    try (Socket client = connect()) {
      assertThat(endOf(client)).isIn(-1, "reset");
    }
    Outcome outcome = nodes.one.telemetry().next(Direction.OUTBOUND).outcome();
    assertThat(outcome.flag()).isEqualTo(ResponseFlag.CERT_REVOKED);
    assertThat(outcome.error().orElseThrow()).contains("was revoked by its issuer");
    assertThat(rejections("source")).isPositive();
  }

  @Test
  void listOfAnotherIssuerChangesNothing() throws Exception {
    TestCa stranger = new TestCa("mesh root");
    Files.writeString(crl, stranger.crl(nodes.certificatesOne.leaf(nodes.client.identity())));
    revocations.reload();

    assertThat(answer()).isEqualTo(1);
  }

  @Test
  void peerOfAnAliasIsTheSameToPolicy() throws Exception {
    nodes.certificatesOne.replace(nodes.client.identity(), soon(), CLIENT_BY_ALIAS);
    nodes.certificatesTwo.replace(nodes.web.identity(), soon(), WEB_BY_ALIAS);
    nodes.mesh.setPolicies(Policy.allowClient());

    assertThat(answer()).isEqualTo(1);
    assertThat(nodes.two.telemetry().next(Direction.INBOUND).info().sourceIdentity())
        .contains(nodes.client.identity());
  }

  @Test
  void peerOfAnotherTrustDomainRefused() throws Exception {
    nodes.certificatesOne.replace(nodes.client.identity(), soon(), CLIENT_ELSEWHERE);

    try (Socket client = connect()) {
      assertThat(endOf(client)).isIn(-1, "reset");
    }
    assertThat(nodes.one.telemetry().next(Direction.OUTBOUND).outcome().error()).isPresent();
  }

  private Socket connect() throws IOException {
    return nodes.connect(TwoNodes.address(app));
  }

  private int answer() throws IOException {
    try (Socket client = connect();
        Socket server = app.accept()) {
      server.getOutputStream().write(1);
      return client.getInputStream().read();
    }
  }

  private void revoke() throws IOException {
    Files.writeString(crl, nodes.ca.crl(nodes.certificatesOne.leaf(nodes.client.identity())));
  }

  /** A reset is an end too. */
  private static Object endOf(Socket socket) {
    try {
      return socket.getInputStream().read();
    } catch (IOException e) {
      return "reset";
    }
  }

  private double rejections(String reporter) {
    return registry.counter("istio_crl_policy_rejections", "reporter", reporter).count();
  }

  private static Instant soon() {
    return Instant.now().plusSeconds(3600);
  }
}

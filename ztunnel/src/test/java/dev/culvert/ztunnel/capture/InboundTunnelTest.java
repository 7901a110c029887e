// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.hbone.RawPeer;
import dev.culvert.ztunnel.hbone.TunnelSettings;
import dev.culvert.ztunnel.identity.TestCertificates;
import dev.culvert.ztunnel.peers.Await;
import dev.culvert.ztunnel.peers.LeakWatch;
import dev.culvert.ztunnel.peers.TestCa;
import dev.culvert.ztunnel.telemetry.ConnectionInfo;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Direction;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2Headers;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.util.InsecureTrustManagerFactory;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.TimeUnit;
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
class InboundTunnelTest {
  private static final SpiffeId CLIENT = TestWorkloads.identity("client");

  @Parameter Way way;

  private TwoNodes nodes;
  private ServerSocket app;

  static List<Way> ways() {
    return Way.all();
  }

  @BeforeEach
  void start() throws Exception {
    TunnelSettings standard = TunnelSettings.standard();
    TunnelSettings impatient =
        new TunnelSettings(
            standard.streamWindow(),
            standard.connectionWindow(),
            standard.maxFrame(),
            standard.maxStreamsServed(),
            standard.maxStreamsUsed(),
            standard.stripes(),
            standard.maxHeaderList(),
            Duration.ofMillis(50),
            Duration.ofMillis(500),
            standard.idleRelease(),
            standard.connectTimeout(),
            standard.answerTimeout(),
            standard.stallTimeout(),
            standard.unusedTimeout());
    nodes = new TwoNodes(way, impatient, 1);
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

  private RawPeer peer(TestCertificates certificates, boolean answersPings) throws Exception {
    return new RawPeer(
        certificates.get(CLIENT).join().clientContext(),
        new InetSocketAddress(nodes.web.addresses().getFirst(), 15008),
        answersPings);
  }

  private RawPeer peer() throws Exception {
    return peer(nodes.certificatesOne, true);
  }

  private String authority() {
    return app.getInetAddress().getHostAddress() + ":" + app.getLocalPort();
  }

  @Test
  void barestConnectAccepted() throws Exception {
    try (RawPeer peer = peer()) {
      assertThat(peer.ask(RawPeer.connect(authority()))).isEqualTo("200");
    }
    var ended = nodes.two.telemetry().next(Direction.INBOUND);
    assertThat(ended.info().sourceIdentity()).contains(CLIENT);
    assertThat(ended.info().sourceWorkload()).isEmpty();
  }

  @Test
  void malformedHeadersBesideTheAuthorityDoNotMatter() throws Exception {
    try (RawPeer peer = peer()) {
      Http2Headers headers =
          RawPeer.connect(authority())
              .add("baggage", ",,=;%,k8s.namespace.name=%zz")
              .add("forwarded", "for=nobody;=")
              .add("traceparent", "x");
      assertThat(peer.ask(headers)).isEqualTo("200");
    }
  }

  /** Behind a gateway another identity than that of the address is proved. */
  @Test
  void whatAPeerSaysOfItselfCountsOnlyWhereNobodyKnowsBetter() throws Exception {
    InetAddress loopback = InetAddress.ofLiteral("127.0.0.1");
    nodes.mesh.put(TestWorkloads.pod("client", "one", loopback));
    assertThat(sourceNameOfWhoClaimsToBeFar()).isEqualTo("client");
    nodes.mesh.put(TestWorkloads.pod("client", "one", TwoNodes.freshAddress()));
    nodes.mesh.put(TestWorkloads.pod("gateway", "one", loopback));
    assertThat(sourceNameOfWhoClaimsToBeFar()).isEqualTo("claimed");
  }

  private String sourceNameOfWhoClaimsToBeFar() throws Exception {
    try (RawPeer peer = peer()) {
      Http2Headers headers =
          RawPeer.connect(authority())
              .add("x-forwarded-network", "elsewhere")
              .add("baggage", "k8s.namespace.name=far,k8s.pod.name=claimed");
      assertThat(peer.ask(headers)).isEqualTo("200");
    }
    ConnectionInfo info = nodes.two.telemetry().next(Direction.INBOUND).info();
    assertThat(info.source().getAddress()).isEqualTo(InetAddress.ofLiteral("127.0.0.1"));
    return info.sourceWorkload().orElseThrow().name();
  }

  @Test
  void otherRequestsRejected() throws Exception {
    try (RawPeer peer = peer()) {
      Http2Headers get =
          new DefaultHttp2Headers(false)
              .method("GET")
              .scheme("https")
              .path("/")
              .authority(authority());
      assertThat(peer.ask(get)).isEqualTo("400");
      assertThat(peer.ask(RawPeer.connect("web.shop:80"))).isEqualTo("400");
      assertThat(peer.ask(RawPeer.connect(app.getInetAddress().getHostAddress()))).isEqualTo("400");
      assertThat(peer.ask(new DefaultHttp2Headers(false).method("CONNECT"))).isEqualTo("400");
      assertThat(peer.ask(RawPeer.connect(authority()))).isEqualTo("200");
    }
  }

  @Test
  void authorityOfAnotherPodRejected() throws Exception {
    try (RawPeer peer = peer()) {
      String other = nodes.client.addresses().getFirst().getHostAddress() + ":80";
      assertThat(peer.ask(RawPeer.connect(other))).isEqualTo("400");
    }
    assertThat(nodes.two.telemetry().next(Direction.INBOUND).outcome().error().orElseThrow())
        .contains("but the tunnel leads to");
  }

  @Test
  void proxysOwnPortsRejected() throws Exception {
    try (RawPeer peer = peer()) {
      String own = app.getInetAddress().getHostAddress();
      assertThat(peer.ask(RawPeer.connect(own + ":15001"))).isEqualTo("400");
      assertThat(peer.ask(RawPeer.connect(own + ":15006"))).isEqualTo("400");
      assertThat(peer.ask(RawPeer.connect(own + ":15008"))).isEqualTo("400");
    }
  }

  @Test
  void deniedAndUnreachable() throws Exception {
    try (RawPeer peer = peer()) {
      nodes.mesh.setPolicies(Policy.denyClient());
      assertThat(peer.ask(RawPeer.connect(authority()))).isEqualTo("401");
      nodes.mesh.setPolicies();
      String nobody = authority();
      app.close();
      assertThat(peer.ask(RawPeer.connect(nobody))).isEqualTo("503");
    }
  }

  @Test
  void clientThatProvesNothingOfThisMeshRefused() throws Exception {
    TestCa stranger = new TestCa("stranger");
    assertRefused(new TestCertificates(stranger, nodes.ca, way.engine()));

    TestCertificates expired = new TestCertificates(nodes.ca, nodes.ca, way.engine());
    expired.replace(CLIENT, Instant.now().minusSeconds(60), CLIENT.toString());
    assertRefused(expired);

    TestCertificates foreign = new TestCertificates(nodes.ca, nodes.ca, way.engine());
    foreign.replace(CLIENT, Instant.now().plusSeconds(60), "spiffe://elsewhere/ns/shop/sa/client");
    assertRefused(foreign);
  }

  private void assertRefused(TestCertificates certificates) throws Exception {
    try (RawPeer peer = peer(certificates, true)) {
      // In TLS 1.3 the client is done before the server has looked at its certificate.
      assertThat(peer.secure().thenCompose(done -> peer.closed()).handle((done, error) -> "closed"))
          .succeedsWithin(30, TimeUnit.SECONDS);
    }
    assertThat(nodes.two.telemetry().openConnections()).isZero();
  }

  @Test
  void peerThatIsSilentIsLetGo() throws Exception {
    try (RawPeer peer = peer(nodes.certificatesOne, false)) {
      assertThat(peer.ask(RawPeer.connect(authority()))).isEqualTo("200");
      peer.closed().get(30, TimeUnit.SECONDS);
    }
    assertThat(nodes.two.telemetry().next(Direction.INBOUND).outcome().error().orElseThrow())
        .contains("did not answer a PING within 500 ms");
  }

  @Test
  void drainedTunnelEndsWithItsLastStream() throws Exception {
    try (RawPeer peer = peer()) {
      assertThat(peer.ask(RawPeer.connect(authority()))).isEqualTo("200");
      nodes.two.connections().drainTunnels();
      peer.goneAway().get(30, TimeUnit.SECONDS);
      assertThat(peer.closed()).isNotDone();
      app.accept().close();
      assertThat(nodes.two.telemetry().openConnections()).isOne();
    }
    Await.until("tunnel closed", () -> nodes.two.connections().size() == 0);
  }

  @Test
  void clientWithoutCertificateRefused() throws Exception {
    var anonymous =
        SslContextBuilder.forClient()
            .protocols("TLSv1.3")
            .endpointIdentificationAlgorithm(null)
            .trustManager(InsecureTrustManagerFactory.INSTANCE)
            .build();
    try (RawPeer peer =
        new RawPeer(
            anonymous, new InetSocketAddress(nodes.web.addresses().getFirst(), 15008), true)) {
      assertThat(peer.closed()).succeedsWithin(30, TimeUnit.SECONDS);
    }
  }
}

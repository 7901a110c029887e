// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.spiffe.TrustDomains;
import dev.culvert.ztunnel.hbone.RawPeer;
import dev.culvert.ztunnel.hbone.TunnelSettings;
import dev.culvert.ztunnel.identity.MeshTrust;
import dev.culvert.ztunnel.identity.Revocations;
import dev.culvert.ztunnel.identity.TestCertificates;
import dev.culvert.ztunnel.limits.LimitSettings;
import dev.culvert.ztunnel.limits.TestLimits;
import dev.culvert.ztunnel.peers.Await;
import dev.culvert.ztunnel.peers.LeakWatch;
import dev.culvert.ztunnel.xds.Workload;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Pods, and peers of pods, that want more than their share of the node. */
@ParameterizedClass
@MethodSource("dev.culvert.ztunnel.capture.Way#all")
@Timeout(60)
class NoisyPodTest {
  @Parameter Way way;

  private final List<Socket> sockets = new ArrayList<>();
  private TwoNodes nodes;
  private ServerSocket app;

  private void start(LimitSettings limits) throws Exception {
    MeshTrust trust = new MeshTrust(TrustDomains.only(TestCertificates.DOMAIN), Revocations.none());
    nodes = new TwoNodes(way, TunnelSettings.standard(), 1, trust, limits);
    app = TwoNodes.app(nodes.web);
  }

  @AfterEach
  void stop() throws Exception {
    for (Socket socket : sockets) {
      socket.close();
    }
    app.close();
    nodes.close();
  }

  @AfterAll
  static void nothingLeaked() throws Exception {
    assertThat(LeakWatch.leaks()).isEmpty();
  }

  private Socket keep(Socket socket) {
    sockets.add(socket);
    return socket;
  }

  private Workload secondClient() throws Exception {
    Workload second = TestWorkloads.pod("second", "one", TwoNodes.freshAddress());
    nodes.mesh.put(second);
    nodes.one.add(second);
    return second;
  }

  private RawPeer peer(Workload client) throws Exception {
    return new RawPeer(
        nodes.certificatesOne.get(client.identity()).join().clientContext(),
        new InetSocketAddress(nodes.web.addresses().getFirst(), 15008),
        true);
  }

  private String authority() {
    return app.getInetAddress().getHostAddress() + ":" + app.getLocalPort();
  }

  private void assertCarries(Socket client) throws IOException {
    client.getOutputStream().write(7);
    try (Socket server = app.accept()) {
      server.getOutputStream().write(server.getInputStream().read() + 1);
      assertThat(client.getInputStream().read()).isEqualTo(8);
    }
  }

  @Test
  void podThatTookAllFreeSocketsLeavesAnotherItsShare() throws Exception {
    start(new LimitSettings(1000, 1000, 1000, 1000, 1000, 1000, 40, Long.MAX_VALUE));
    Workload second = secondClient();
    // Its tunnel is one of the twenty that go to who comes first.
    for (int i = 0; i < 19; i++) {
      Socket client = keep(nodes.connect(TwoNodes.address(app)));
      client.getOutputStream().write(1);
      keep(app.accept());
    }
    for (int i = 0; i < 5; i++) {
      keep(nodes.connect(TwoNodes.address(app)));
    }
    Await.until("it gets no more", () -> TestLimits.refused(nodes.metersOne, "pod_share") == 5);
    try (Socket other = nodes.connect(second, TwoNodes.address(app))) {
      assertCarries(other);
    }
    awaitDescriptors(20 + 1);
    sockets.getFirst().close();
    sockets.get(1).close();
    awaitDescriptors(19 + 1);
    assertCarries(keep(nodes.connect(TwoNodes.address(app))));
    assertThat(TestLimits.refused(nodes.metersOne, "pod_share")).isEqualTo(5);
  }

  /** What the first pod has, and the tunnel of the second. */
  private void awaitDescriptors(int count) {
    Await.until(count + " descriptors", () -> TestLimits.descriptors(nodes.metersOne) == count);
  }

  @Test
  void peerWithTooManyTunnelsGetsNoMoreAndAnotherDoes() throws Exception {
    start(new LimitSettings(1000, 1000, 1000, 1000, 2, 1000, 1000, Long.MAX_VALUE));
    Workload second = secondClient();
    try (RawPeer one = peer(nodes.client);
        RawPeer two = peer(nodes.client)) {
      assertThat(one.ask(RawPeer.connect(authority()))).isEqualTo("200");
      assertThat(two.ask(RawPeer.connect(authority()))).isEqualTo("200");
      try (RawPeer three = peer(nodes.client)) {
        assertThat(three.closed()).succeedsWithin(30, TimeUnit.SECONDS);
      }
      assertThat(TestLimits.refused(nodes.metersTwo, "peer_tunnels")).isOne();
      try (RawPeer other = peer(second)) {
        assertThat(other.ask(RawPeer.connect(authority()))).isEqualTo("200");
      }
      assertThat(one.ask(RawPeer.connect(authority()))).isEqualTo("200");
    }
    Await.until("forgotten", () -> nodes.two.connections().size() == 0);
    try (RawPeer again = peer(nodes.client)) {
      assertThat(again.ask(RawPeer.connect(authority()))).isEqualTo("200");
    }
  }

  @Test
  void podWithTooManyTunnelsGetsNoMoreUntilOneEnds() throws Exception {
    start(new LimitSettings(1000, 1, 1000, 1000, 1000, 1000, 1000, Long.MAX_VALUE));
    try (RawPeer one = peer(nodes.client)) {
      assertThat(one.ask(RawPeer.connect(authority()))).isEqualTo("200");
      try (RawPeer two = peer(nodes.client)) {
        assertThat(two.closed()).succeedsWithin(30, TimeUnit.SECONDS);
      }
      assertThat(TestLimits.refused(nodes.metersTwo, "pod_tunnels")).isOne();
    }
    Await.until("forgotten", () -> nodes.two.connections().size() == 0);
    try (RawPeer again = peer(nodes.client)) {
      assertThat(again.ask(RawPeer.connect(authority()))).isEqualTo("200");
    }
  }

  @Test
  void connectionsThatFailLeaveTheirRoom() throws Exception {
    start(new LimitSettings(1, 1000, 1000, 1000, 1000, 1000, 1000, Long.MAX_VALUE));
    String nobody = authority();
    app.close();
    try (RawPeer peer = peer(nodes.client)) {
      for (int i = 0; i < 3; i++) {
        assertThat(peer.ask(RawPeer.connect(nobody))).isEqualTo("503");
      }
      assertThat(TestLimits.refused(nodes.metersTwo, "pod_connections")).isZero();
      app = TwoNodes.app(nodes.web);
      assertThat(peer.ask(RawPeer.connect(authority()))).isEqualTo("200");
      assertThat(peer.ask(RawPeer.connect(authority()))).isEqualTo("503");
      assertThat(TestLimits.refused(nodes.metersTwo, "pod_connections")).isOne();
    }
  }

  @Test
  void podThatSendsWithoutEndLeavesOthersTheirTurns() throws Exception {
    start(TestLimits.WIDE);
    Workload second = secondClient();
    Workload served = TestWorkloads.pod("served", "two", TwoNodes.freshAddress());
    nodes.mesh.put(served);
    nodes.two.add(served);
    try (ServerSocket quietApp = TwoNodes.app(served);
        Socket quiet = nodes.connect(second, TwoNodes.address(quietApp))) {
      quiet.getOutputStream().write(1);
      try (Socket server = quietApp.accept()) {
        assertThat(server.getInputStream().read()).isEqualTo(1);
        for (int i = 0; i < 20; i++) {
          Socket noisy = keep(nodes.connect(TwoNodes.address(app)));
          Socket drain = keep(app.accept());
          var _ = Thread.ofVirtual().start(() -> Bulk.sendWithoutEnd(noisy));
          var _ = Thread.ofVirtual().start(() -> Bulk.readAll(drain));
        }
        for (int i = 0; i < 20; i++) {
          quiet.getOutputStream().write(i);
          assertThat(server.getInputStream().read()).isEqualTo(i);
          server.getOutputStream().write(i);
          assertThat(quiet.getInputStream().read()).isEqualTo(i);
        }
      }
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.policy.spiffe.TrustDomains;
import dev.culvert.ztunnel.hbone.TunnelSettings;
import dev.culvert.ztunnel.identity.MeshTrust;
import dev.culvert.ztunnel.identity.Revocations;
import dev.culvert.ztunnel.identity.TestCertificates;
import dev.culvert.ztunnel.limits.LimitSettings;
import dev.culvert.ztunnel.limits.TestLimits;
import dev.culvert.ztunnel.peers.Await;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Direction;
import dev.culvert.ztunnel.xds.Workload;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

@ParameterizedClass
@MethodSource("dev.culvert.ztunnel.capture.Way#all")
@Timeout(60)
class PodLimitsTest {
  @Parameter Way way;

  private TwoNodes nodes;

  private void start(LimitSettings limits) throws Exception {
    MeshTrust trust = new MeshTrust(TrustDomains.only(TestCertificates.DOMAIN), Revocations.none());
    nodes = new TwoNodes(way, TunnelSettings.standard(), 1, trust, limits);
  }

  @AfterEach
  void stop() {
    nodes.close();
  }

  private Socket silentPeer() throws IOException {
    InetAddress own = nodes.web.addresses().getFirst();
    Socket socket = new Socket(own, 15008);
    socket.setSoTimeout(30_000);
    return socket;
  }

  /** Whether bytes go to the app and back; a connection that was refused throws or ends. */
  private boolean carries(Socket client, ServerSocket app) throws IOException {
    client.getOutputStream().write(7);
    try (Socket accepted = app.accept()) {
      accepted.getOutputStream().write(accepted.getInputStream().read());
      return client.getInputStream().read() == 7;
    }
  }

  @Test
  void silentPeersBeyondTheLimitMakeRoomAndKeepNobodyOut() throws Exception {
    start(new LimitSettings(100, 100, 2, 100, 100, 100, 1000, Long.MAX_VALUE));
    try (ServerSocket app = TwoNodes.app(nodes.web);
        Socket first = silentPeer();
        Socket second = silentPeer();
        Socket third = silentPeer()) {
      assertThat(first.getInputStream().read()).isEqualTo(-1);
      assertThat(second.isConnected() && third.isConnected()).isTrue();
      try (Socket client = nodes.connect(TwoNodes.address(app))) {
        assertThat(carries(client, app)).isTrue();
      }
    }
  }

  @Test
  void connectionsBeyondThePodsLimitAreReset() throws Exception {
    start(new LimitSettings(1, 100, 100, 1, 100, 100, 1000, Long.MAX_VALUE));
    try (ServerSocket app = TwoNodes.app(nodes.web);
        Socket first = nodes.connect(TwoNodes.address(app))) {
      assertThat(carries(first, app)).isTrue();
      try (Socket second = nodes.connect(TwoNodes.address(app))) {
        assertEnded(second);
      }
    }
  }

  @Test
  void connectionOfANeighbourCountsForBothPods() throws Exception {
    start(new LimitSettings(1, 100, 100, 1, 100, 100, 1000, Long.MAX_VALUE));
    Workload neighbour = TestWorkloads.pod("neighbour", "one", TwoNodes.freshAddress());
    Workload other = TestWorkloads.pod("other", "one", TwoNodes.freshAddress());
    for (Workload pod : List.of(neighbour, other)) {
      nodes.mesh.put(pod);
      nodes.one.add(pod);
    }
    try (ServerSocket app = TwoNodes.app(neighbour);
        Socket first = nodes.connect(TwoNodes.address(app))) {
      assertThat(carries(first, app)).isTrue();
      try (Socket second = nodes.connect(other, TwoNodes.address(app))) {
        assertEnded(second);
      }
      assertThat(nodes.one.telemetry().next(Direction.OUTBOUND).outcome().error())
          .hasValueSatisfying(error -> assertThat(error).contains("pod-max-connections"));
    }
    try (ServerSocket app = TwoNodes.app(neighbour)) {
      Await.until("the first is over", () -> TestLimits.descriptors(nodes.metersOne) == 0);
      try (Socket second = nodes.connect(other, TwoNodes.address(app))) {
        assertThat(carries(second, app)).isTrue();
      }
    }
  }

  /** One to the app at either end, and one for the tunnel that all share. */
  @Test
  void descriptorsAreCountedAsTheyAre() throws Exception {
    start(TestLimits.WIDE);
    try (ServerSocket app = TwoNodes.app(nodes.web);
        Socket first = nodes.connect(TwoNodes.address(app));
        Socket firstServed = served(first, app);
        Socket second = nodes.connect(TwoNodes.address(app));
        Socket secondServed = served(second, app)) {
      assertThat(firstServed.isConnected() && secondServed.isConnected()).isTrue();
      assertThat(TestLimits.descriptors(nodes.metersOne)).isEqualTo(3);
      assertThat(TestLimits.descriptors(nodes.metersTwo)).isEqualTo(3);
    }
    Await.until("the tunnels are left", () -> TestLimits.descriptors(nodes.metersOne) == 1);
    nodes.two.connections().reset("the node ends");
    Await.until("nothing at the client's", () -> TestLimits.descriptors(nodes.metersOne) == 0);
    Await.until("nothing at the server's", () -> TestLimits.descriptors(nodes.metersTwo) == 0);
  }

  @Test
  void tunnelThatWouldBeTooManyDescriptorsIsNotDialled() throws Exception {
    start(new LimitSettings(100, 100, 100, 100, 100, 100, 1, Long.MAX_VALUE));
    try (ServerSocket app = TwoNodes.app(nodes.web);
        Socket client = nodes.connect(TwoNodes.address(app))) {
      assertEnded(client);
    }
    assertThat(nodes.one.telemetry().next(Direction.OUTBOUND).outcome().error())
        .hasValueSatisfying(error -> assertThat(error).contains("a limit of this node"));
    Await.until("nothing is kept", () -> TestLimits.descriptors(nodes.metersOne) == 0);
  }

  /** The app's end of a connection that has carried a byte. */
  private static Socket served(Socket client, ServerSocket app) throws IOException {
    client.getOutputStream().write(7);
    Socket accepted = app.accept();
    assertThat(accepted.getInputStream().read()).isEqualTo(7);
    return accepted;
  }

  private static void assertEnded(Socket client) {
    assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(IOException.class);
  }
}

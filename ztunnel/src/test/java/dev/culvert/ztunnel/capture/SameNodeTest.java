// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.ztunnel.peers.Await;
import dev.culvert.ztunnel.peers.LeakWatch;
import dev.culvert.ztunnel.telemetry.ConnectionInfo;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Direction;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Security;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import dev.culvert.ztunnel.xds.Workload;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.util.List;
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
class SameNodeTest {
  @Parameter Way way;

  private TwoNodes nodes;
  private Workload neighbour;

  static List<Way> ways() {
    return Way.all();
  }

  @BeforeEach
  void start() throws Exception {
    nodes = new TwoNodes(way);
    neighbour = TestWorkloads.pod("neighbour", "one", TwoNodes.freshAddress());
    nodes.mesh.put(neighbour);
    nodes.one.add(neighbour);
  }

  @AfterEach
  void stop() {
    nodes.close();
  }

  @AfterAll
  static void nothingLeaked() throws Exception {
    assertThat(LeakWatch.leaks()).isEmpty();
  }

  @Test
  void neighbourReachedWithoutTunnelAndReportedByBothSides() throws Exception {
    try (ServerSocket app = TwoNodes.app(neighbour);
        Socket client = nodes.connect(TwoNodes.address(app));
        Socket server = app.accept()) {
      Bulk.bothWays(client, server, 8 << 20);
    }
    RecordedTelemetry.Ended ended = nodes.one.telemetry().next(Direction.OUTBOUND);
    assertThat(ended.outcome()).isEqualTo(Outcome.clean());
    assertThat(ended.info().security()).isEqualTo(Security.SAME_NODE);
    assertThat(ended.sent()).isEqualTo(8 << 20);
    ConnectionInfo inbound = nodes.one.telemetry().next(Direction.INBOUND).info();
    assertThat(inbound.sourceIdentity()).contains(nodes.client.identity());
    Await.until("no connection left", () -> nodes.one.connections().size() == 0);
  }

  @Test
  void podReachesItself() throws Exception {
    try (ServerSocket app = TwoNodes.app(nodes.client);
        Socket client = nodes.connect(TwoNodes.address(app));
        Socket server = app.accept()) {
      Bulk.bothWays(client, server, 1 << 20);
    }
  }

  @Test
  void policyHoldsForNeighbours() throws Exception {
    nodes.mesh.setPolicies(Policy.denyClient());
    try (ServerSocket app = TwoNodes.app(neighbour);
        Socket client = nodes.connect(TwoNodes.address(app))) {
      assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
    }
    assertThat(nodes.one.telemetry().next(Direction.INBOUND).outcome().flag())
        .isEqualTo(ResponseFlag.DENY);
  }

  @Test
  void changedPolicyClosesTheOpenConnection() throws Exception {
    try (ServerSocket app = TwoNodes.app(neighbour);
        Socket client = nodes.connect(TwoNodes.address(app));
        Socket server = app.accept()) {
      server.getOutputStream().write(1);
      assertThat(client.getInputStream().read()).isEqualTo(1);
      nodes.mesh.setPolicies(Policy.denyClient());
      assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
    }
  }

  @Test
  void outsideOfTheMeshReachedAsPlaintext() throws Exception {
    try (ServerSocket app = new ServerSocket(0, 10, TwoNodes.freshAddress());
        Socket client = nodes.connect(TwoNodes.address(app));
        Socket server = app.accept()) {
      Bulk.bothWays(client, server, 8 << 20);
    }
    RecordedTelemetry.Ended ended = nodes.one.telemetry().next(Direction.OUTBOUND);
    assertThat(ended.outcome()).isEqualTo(Outcome.clean());
    assertThat(ended.info().security()).isEqualTo(Security.NONE);
  }

  @Test
  void nobodyOutsideResetsTheClient() throws Exception {
    InetSocketAddress nobody;
    try (ServerSocket app = new ServerSocket(0, 10, TwoNodes.freshAddress())) {
      nobody = TwoNodes.address(app);
    }
    try (Socket client = nodes.connect(nobody)) {
      assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
    }
    assertThat(nodes.one.telemetry().next(Direction.OUTBOUND).outcome().error().orElseThrow())
        .contains("refused");
  }

  @Test
  void proxysOwnPortsRefused() throws Exception {
    InetSocketAddress own = new InetSocketAddress(nodes.client.addresses().getFirst(), 15008);
    try (Socket client = nodes.connect(own)) {
      assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
    }
    assertThat(nodes.one.telemetry().next(Direction.OUTBOUND).outcome().error())
        .contains("attempted recursive call to ourselves");
  }

  @Test
  void plaintextListenerReachedDirectlyRefused() throws Exception {
    try (Socket client = new Socket(nodes.web.addresses().getFirst(), 15006)) {
      assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
    }
    assertThat(nodes.two.telemetry().next(Direction.INBOUND).outcome().error())
        .contains("attempted recursive call to ourselves");
  }

  @Test
  void connectionWaitsUntilItsPodIsKnown() throws Exception {
    Workload late = TestWorkloads.pod("late", "one", TwoNodes.freshAddress());
    nodes.one.add(late);
    try (ServerSocket app = TwoNodes.app(nodes.web);
        Socket client = nodes.connect(late, TwoNodes.address(app))) {
      client.getOutputStream().write(9);
      nodes.mesh.put(late);
      try (Socket server = app.accept()) {
        assertThat(server.getInputStream().read()).isEqualTo(9);
      }
    }
  }

  @Test
  void earlyDataAndEndWaitForTheOtherSide() throws Exception {
    Workload late = TestWorkloads.pod("late", "one", TwoNodes.freshAddress());
    nodes.one.add(late);
    try (ServerSocket app = TwoNodes.app(nodes.web);
        Socket client = nodes.connect(late, TwoNodes.address(app))) {
      client.getOutputStream().write(new byte[100_000]);
      client.shutdownOutput();
      nodes.mesh.put(late);
      try (Socket server = app.accept()) {
        assertThat(server.getInputStream().readAllBytes()).hasSize(100_000);
        server.getOutputStream().write(1);
      }
      assertThat(client.getInputStream().readAllBytes()).hasSize(1);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.ztunnel.peers.Await;
import dev.culvert.ztunnel.peers.LeakWatch;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Direction;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.telemetry.ResponseFlag;
import dev.culvert.ztunnel.transport.PodSockets;
import dev.culvert.ztunnel.xds.GatewayAddress;
import dev.culvert.ztunnel.xds.RoutingPreference;
import dev.culvert.ztunnel.xds.Service;
import dev.culvert.ztunnel.xds.ServicePort;
import dev.culvert.ztunnel.xds.Workload;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** From one network to a service in another: a tunnel to its gateway, a tunnel in that. */
@ParameterizedClass
@MethodSource("ways")
@Timeout(120)
class OtherNetworkTest {
  private static final InetSocketAddress VIP = new InetSocketAddress("198.18.100.1", 80);
  private static final String SHOP = "shop/shop.far";

  @Parameter Way way;

  private TwoNodes nodes;
  private Workload far;
  private ServerSocket app;
  private InetAddress gatewayAddress;
  private TestGateway gateway;

  static List<Way> ways() {
    return Way.all();
  }

  @BeforeEach
  void start() throws Exception {
    nodes = new TwoNodes(way);
    gatewayAddress = TwoNodes.freshAddress();
    InetAddress farAddress = TwoNodes.freshAddress();
    app = new ServerSocket(0, 64, farAddress);
    far =
        new TestWorkload("far")
            .in("far")
            .at(farAddress)
            .behind(SHOP, new ServicePort(80, app.getLocalPort()))
            .gateway(new GatewayAddress.ByIp("far", gatewayAddress, 15008))
            .build();
    nodes.mesh.put(far);
    nodes.mesh.put(new TestWorkload("gateway").in("far").at(gatewayAddress).build());
    nodes.mesh.put(service());
    PodSockets sockets = nodes.two.add(far);
    gateway =
        new TestGateway(
            gatewayAddress,
            sockets,
            nodes.two.path().workers(),
            nodes.certificatesTwo.get(TestWorkloads.identity("gateway")).join(),
            farAddress);
  }

  private static Service service() {
    return new Service(
        "shop",
        "shop",
        "shop.far",
        List.of(new Service.Vip(VIP.getAddress(), 32)),
        List.of(new ServicePort(80, 0)),
        List.of(),
        RoutingPreference.none(),
        false,
        Optional.empty(),
        List.of(),
        false,
        false,
        false,
        Service.Families.ANY);
  }

  @AfterEach
  void stop() throws Exception {
    gateway.close();
    app.close();
    nodes.close();
  }

  @AfterAll
  static void nothingLeaked() throws Exception {
    assertThat(LeakWatch.leaks()).isEmpty();
  }

  @Test
  void serviceReachedByItsNameThroughTheGateway() throws Exception {
    try (Socket client = nodes.connect(VIP);
        Socket server = app.accept()) {
      Bulk.bothWays(client, server, 8 << 20);
    }
    assertThat(gateway.asked()).containsExactly(InetSocketAddress.createUnresolved("shop.far", 80));
    RecordedTelemetry.Ended outbound = nodes.one.telemetry().next(Direction.OUTBOUND);
    assertThat(outbound.outcome()).isEqualTo(Outcome.clean());
    assertThat(outbound.info().destinationWorkload()).contains(far);
    assertThat(outbound.info().destinationIdentity()).contains(far.identity());
    assertThat(outbound.info().hboneAddress())
        .contains(new InetSocketAddress(gatewayAddress, 15008));
    RecordedTelemetry.Ended inbound = nodes.two.telemetry().next(Direction.INBOUND);
    assertThat(inbound.outcome()).isEqualTo(Outcome.clean());
    assertThat(inbound.info().sourceIdentity()).contains(nodes.client.identity());
    assertThat(inbound.info().destination())
        .isEqualTo(new InetSocketAddress(app.getInetAddress(), app.getLocalPort()));
    assertThat(inbound.info().sourceWorkload().orElseThrow().namespace()).isEqualTo("shop");
  }

  @Test
  void endsOneByOne() throws Exception {
    try (Socket client = nodes.connect(VIP);
        Socket server = app.accept()) {
      client.getOutputStream().write("question".getBytes(US_ASCII));
      client.shutdownOutput();
      assertThat(server.getInputStream().readAllBytes()).asString().isEqualTo("question");
      server.getOutputStream().write("answer".getBytes(US_ASCII));
      server.shutdownOutput();
      assertThat(client.getInputStream().readAllBytes()).asString().isEqualTo("answer");
    }
    Await.until("all ended", () -> nodes.one.telemetry().openConnections() == 0);
    Await.until("all ended", () -> nodes.two.telemetry().openConnections() == 0);
  }

  @Test
  void anotherIdentityBehindTheGatewayRefused() throws Exception {
    nodes.certificatesTwo.replace(
        far.identity(),
        Instant.now().plusSeconds(600),
        TestWorkloads.identity("impostor").toString());
    try (Socket client = nodes.connect(VIP)) {
      assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
    }
    Outcome outcome = nodes.one.telemetry().next(Direction.OUTBOUND).outcome();
    assertThat(outcome.flag()).isEqualTo(ResponseFlag.IDENTITY_ERROR);
    assertThat(outcome.error().orElseThrow()).contains("impostor", "gateway");
  }

  @Test
  void policyBehindTheGatewayDenies() throws Exception {
    nodes.mesh.setPolicies(Policy.denyClient());
    try (Socket client = nodes.connect(VIP)) {
      assertThatThrownBy(() -> client.getInputStream().read()).isInstanceOf(SocketException.class);
    }
    assertThat(nodes.one.telemetry().next(Direction.OUTBOUND).outcome().flag())
        .isEqualTo(ResponseFlag.DENY);
  }
}

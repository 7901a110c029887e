// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.ztunnel.hbone.RawPeer;
import dev.culvert.ztunnel.peers.LeakWatch;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Direction;
import dev.culvert.ztunnel.xds.ApplicationTunnel;
import dev.culvert.ztunnel.xds.ApplicationTunnel.Protocol;
import dev.culvert.ztunnel.xds.GatewayAddress;
import dev.culvert.ztunnel.xds.RoutingPreference;
import dev.culvert.ztunnel.xds.Service;
import dev.culvert.ztunnel.xds.ServicePort;
import dev.culvert.ztunnel.xds.Workload;
import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** Pod web is a waypoint that leaves its tunnels to the node's proxy. */
@ParameterizedClass
@MethodSource("ways")
@Timeout(60)
class SandwichedWaypointTest {
  private static final InetAddress VIP = InetAddress.ofLiteral("198.19.7.1");
  private static final InetAddress VIP6 = InetAddress.ofLiteral("fd00:c01::7:1");
  private static final String HOST = "books.shop.svc.cluster.local";
  private static final byte[] SIGNATURE = {
    0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A
  };

  @Parameter Way way;

  private TwoNodes nodes;
  private ServerSocket app;

  static List<Way> ways() {
    return Way.all();
  }

  @BeforeEach
  void start() throws Exception {
    nodes = new TwoNodes(way);
    nodes.mesh.put(books(VIP));
    app = new ServerSocket(0, 10, InetAddress.getLoopbackAddress());
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

  private Service books(InetAddress vip) {
    GatewayAddress waypoint = new GatewayAddress.ByIp("", nodes.web.addresses().getFirst(), 15008);
    return new Service(
        "shop",
        "books",
        HOST,
        List.of(new Service.Vip(vip, vip.getAddress().length * Byte.SIZE)),
        List.of(new ServicePort(80, 8080)),
        List.of(),
        RoutingPreference.none(),
        false,
        Optional.of(waypoint),
        List.of(),
        false,
        false,
        false,
        Service.Families.ANY);
  }

  private void tell(Protocol protocol, OptionalInt port) {
    Workload web =
        new TestWorkload("web")
            .on("two")
            .at(nodes.web.addresses().getFirst())
            .told(new ApplicationTunnel(protocol, port))
            .build();
    nodes.mesh.put(web);
  }

  /** The header of the PROXY protocol (2.2), and what follows it. */
  private static Header header(DataInputStream in) throws IOException {
    assertThat(in.readNBytes(SIGNATURE.length)).isEqualTo(SIGNATURE);
    assertThat(in.readUnsignedByte()).as("version 2, PROXY").isEqualTo(0x21);
    int family = in.readUnsignedByte();
    int left = in.readUnsignedShort();
    int bytes = family == 0x11 ? 4 : 16;
    InetAddress source = InetAddress.getByAddress(in.readNBytes(bytes));
    InetAddress asked = InetAddress.getByAddress(in.readNBytes(bytes));
    int from = in.readUnsignedShort();
    int to = in.readUnsignedShort();
    assertThat(in.readUnsignedByte()).as("type of the first field").isEqualTo(0xD0);
    int length = in.readUnsignedShort();
    String identity = new String(in.readNBytes(length), US_ASCII);
    assertThat(left).isEqualTo(2 * bytes + 4 + 3 + length);
    return new Header(
        family, new InetSocketAddress(source, from), new InetSocketAddress(asked, to), identity);
  }

  private record Header(
      int family, InetSocketAddress client, InetSocketAddress asked, String identity) {}

  private InetSocketAddress own(int port) {
    return new InetSocketAddress(nodes.web.addresses().getFirst(), port);
  }

  @Test
  void clientIsToldByHeaderBeforeItsBytes() throws Exception {
    tell(Protocol.PROXY, OptionalInt.of(app.getLocalPort()));
    InetSocketAddress asked = new InetSocketAddress(VIP, 80);
    InetSocketAddress told;
    try (Socket client = nodes.connect(asked)) {
      client.getOutputStream().write("hello".getBytes(US_ASCII));
      try (Socket taken = app.accept()) {
        DataInputStream in = new DataInputStream(taken.getInputStream());
        Header header = header(in);
        told = header.client();
        assertThat(header.asked()).isEqualTo(asked);
        assertThat(header.identity()).isEqualTo(nodes.client.identity().toString());
        assertThat(in.readNBytes(5)).isEqualTo("hello".getBytes(US_ASCII));
        taken.getOutputStream().write("welcome".getBytes(US_ASCII));
      }
      assertThat(client.getInputStream().readAllBytes()).isEqualTo("welcome".getBytes(US_ASCII));
    }
    var ended = nodes.two.telemetry().next(Direction.INBOUND);
    assertThat(ended.outcome().error()).isEmpty();
    assertThat(ended.info().source()).isEqualTo(told);
  }

  @Test
  void headerComesBeforeTheClientSpoke() throws Exception {
    tell(Protocol.PROXY, OptionalInt.of(app.getLocalPort()));
    try (Socket client = nodes.connect(new InetSocketAddress(VIP, 80));
        Socket taken = app.accept()) {
      header(new DataInputStream(taken.getInputStream()));
      taken.getOutputStream().write("server first".getBytes(US_ASCII));
      assertThat(client.getInputStream().readNBytes(12))
          .isEqualTo("server first".getBytes(US_ASCII));
    }
  }

  @Test
  void addressesOfBothFamiliesAreToldAsIpv6() throws Exception {
    nodes.mesh.put(books(VIP6));
    tell(Protocol.PROXY, OptionalInt.of(app.getLocalPort()));
    try (RawPeer peer = peer()) {
      assertThat(peer.ask(RawPeer.connect("[fd00:c01::7:1]:80"))).isEqualTo("200");
      try (Socket taken = app.accept()) {
        Header header = header(new DataInputStream(taken.getInputStream()));
        assertThat(header.family()).as("TCP over IPv6").isEqualTo(0x21);
        assertThat(header.asked()).isEqualTo(new InetSocketAddress(VIP6, 80));
      }
    }
  }

  @Test
  void serviceThatIsAskedForByNameIsToldByItsAddress() throws Exception {
    tell(Protocol.PROXY, OptionalInt.of(app.getLocalPort()));
    try (RawPeer peer = peer()) {
      assertThat(peer.ask(RawPeer.connect(HOST + ":80"))).isEqualTo("200");
      try (Socket taken = app.accept()) {
        assertThat(header(new DataInputStream(taken.getInputStream())).asked())
            .isEqualTo(new InetSocketAddress(VIP, 80));
      }
      assertThat(peer.ask(RawPeer.connect("nothing.shop:80"))).isEqualTo("400");
    }
  }

  @Test
  void withoutPortItIsTheOneThatWasAskedFor() throws Exception {
    tell(Protocol.PROXY, OptionalInt.empty());
    InetSocketAddress asked = new InetSocketAddress(VIP, app.getLocalPort());
    try (Socket _ = nodes.connect(asked);
        Socket taken = app.accept()) {
      assertThat(header(new DataInputStream(taken.getInputStream())).asked()).isEqualTo(asked);
    }
  }

  @Test
  void policyJudgesBeforeTheAppIsCalled() throws Exception {
    tell(Protocol.PROXY, OptionalInt.of(app.getLocalPort()));
    nodes.mesh.setPolicies(Policy.denyClient());
    try (RawPeer peer = peer()) {
      assertThat(peer.ask(RawPeer.connect("198.19.7.1:80"))).isEqualTo("401");
    }
    app.setSoTimeout(1);
    assertThat(accepted()).isFalse();
  }

  private boolean accepted() throws IOException {
    try (Socket _ = app.accept()) {
      return true;
    } catch (SocketTimeoutException _) {
      return false;
    }
  }

  @Test
  void proxysOwnPortsAreNoTunnels() throws Exception {
    tell(Protocol.PROXY, OptionalInt.of(15008));
    try (RawPeer peer = peer()) {
      assertThat(peer.ask(RawPeer.connect("198.19.7.1:80"))).isEqualTo("400");
    }
  }

  /** It only needs what is in the bytes, so it was told to nobody how to take more. */
  @Test
  void waypointWithoutTunnelTakesWhatItStandsBefore() throws Exception {
    try (ServerSocket plain = TwoNodes.app(nodes.web);
        RawPeer peer = peer()) {
      int port = plain.getLocalPort();
      assertThat(peer.ask(RawPeer.connect("198.19.7.1:" + port))).isEqualTo("200");
      assertThat(peer.ask(RawPeer.connect("198.19.7.2:" + port))).isEqualTo("400");
      assertThat(peer.ask(RawPeer.connect(HOST + ":" + port))).isEqualTo("200");
    }
  }

  @Test
  void tunnelWithoutHeaderMovesThePort() throws Exception {
    try (ServerSocket plain = TwoNodes.app(nodes.web)) {
      tell(Protocol.NONE, OptionalInt.of(plain.getLocalPort()));
      try (Socket client = nodes.connect(new InetSocketAddress(VIP, 80));
          Socket taken = plain.accept()) {
        client.getOutputStream().write('x');
        assertThat(taken.getInputStream().read()).isEqualTo('x');
      }
    }
  }

  private RawPeer peer() throws Exception {
    return new RawPeer(
        nodes.certificatesOne.get(nodes.client.identity()).join().clientContext(),
        own(15008),
        true);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static java.net.StandardProtocolFamily.INET;
import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.protobuf.Struct;
import dev.culvert.cli.lab.LabHttp;
import dev.culvert.cli.lab.LabNode;
import dev.culvert.cli.lab.LabPod;
import dev.culvert.linux.socket.NetworkNamespace;
import dev.culvert.policy.wire.discovery.DeltaDiscoveryRequest;
import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.DnsQuery;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.hostile.FakeAgent;
import dev.culvert.tests.istio.FakeIstiod;
import dev.culvert.tests.istio.FakeIstiod.Caller;
import dev.culvert.tests.istio.IstioMesh;
import dev.culvert.tests.istio.IstioRules;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import dev.culvert.tests.mesh.Root;
import dev.culvert.tests.mesh.Transports;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Our ztunnel where Istio's was: started by its chart's DaemonSet on both nodes, told of pods by
 * what plays istio-cni, with rules of the packet filter and no eBPF, under what plays istiod.
 */
@Root
@ParameterizedClass(name = "{0}")
@MethodSource("transports")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
record IstioNodeTest(String transport) {
  private static final int PORT = 8700;

  /** What an operator may set beside the chart. */
  private static final Map<String, String> CHANGED =
      Map.of(
          "ISTIO_META_GENERATOR", "tests",
          "POOL_MAX_STREAMS_PER_CONNECTION", "50",
          "POOL_UNUSED_RELEASE_TIMEOUT", "4m",
          "HTTP2_STREAM_WINDOW_SIZE", "1048576",
          "HTTP2_CONNECTION_WINDOW_SIZE", "8388608",
          "HTTP2_FRAME_SIZE", "65536",
          "SECRET_TTL", "12h",
          "CONNECTION_TERMINATION_DEADLINE", "20s",
          "KEEPALIVE_TIME", "2m",
          "PREFERED_SERVICE_NAMESPACE", "mesh");

  private static IstioMesh istio;
  private static Mesh mesh;
  private static FakeIstiod istiod;

  static Stream<String> transports() {
    return Transports.available();
  }

  @BeforeParameterizedClassInvocation
  static void start(String transport) throws Exception {
    Map<String, String> variables = new HashMap<>(CHANGED);
    variables.put("CULVERT_TRANSPORT", transport);
    istio = IstioMesh.start(PORT, variables);
    mesh = istio.mesh();
    istiod = istio.istiod();
  }

  @AfterParameterizedClassInvocation
  static void stop() throws Exception {
    if (istio != null) {
      istio.close();
      istio = null;
    }
  }

  @Test
  void discoveryIsToldWhoAsks() {
    DeltaDiscoveryRequest first =
        istiod.firstRequests().stream()
            .filter(request -> request.getNode().getId().contains("~ztunnel-node1."))
            .findFirst()
            .orElseThrow();
    assertThat(first.getNode().getId())
        .isEqualTo("ztunnel~198.18.0.1~ztunnel-node1.istio-system~istio-system.svc.cluster.local");
    Struct metadata = first.getNode().getMetadata();
    Map<String, String> expected =
        Map.of(
            "NAME", "ztunnel-node1",
            "NAMESPACE", "istio-system",
            "INSTANCE_IPS", "198.18.0.1",
            "NODE_NAME", "node1",
            "CLUSTER_ID", "Kubernetes",
            "GENERATOR", "tests");
    expected.forEach(
        (name, value) ->
            assertThat(metadata.getFieldsOrThrow(name).getStringValue()).as(name).isEqualTo(value));
    assertThat(istiod.callers())
        .containsOnly(new Caller("Bearer " + IstioMesh.TOKEN, "Kubernetes"));
    assertThat(istiod.rejections()).isEmpty();
  }

  @Test
  void certificatesAreAskedForThePodsOfTheNode() throws Exception {
    Await.until("all are signed", () -> istiod.signed().size() >= 3);
    assertThat(istiod.signed())
        .containsOnly(
            mesh.client().identity(), mesh.neighbour().identity(), mesh.server().identity());
  }

  @Test
  void variablesOfIstiosZtunnelAreFollowed() throws Exception {
    LabNode node = mesh.lab().nodes().get(Mesh.NODE_1);
    JsonObject config =
        JsonParser.parseString(LabHttp.get(node.place(), 15000, "/config_dump").body())
            .getAsJsonObject()
            .getAsJsonObject("config");
    Map<String, String> expected =
        Map.of(
            "cluster", "Kubernetes",
            "pool-max-streams", "50",
            "pool-idle", "PT4M",
            "http2-stream-window", "1048576",
            "http2-connection-window", "8388608",
            "http2-frame-size", "65536",
            "drain-deadline", "PT20S",
            "keepalive-time", "PT2M",
            "dns-preferred-namespace", "mesh",
            "redirect", "NETFILTER");
    expected.forEach(
        (key, value) -> assertThat(config.get(key).getAsString()).as(key).isEqualTo(value));
    Await.until("a certificate is signed", () -> !istiod.lifetimes().isEmpty());
    assertThat(istiod.lifetimes()).containsOnly(Duration.ofHours(12));
  }

  @Test
  void podOfTheOtherNodeIsReachedInATunnel() throws Exception {
    try (AppServer server = mesh.server().serve(PORT, Services.echo())) {
      for (InetAddress to : List.of(mesh.server().v4(), mesh.server().v6())) {
        InetAddress from = to.equals(mesh.server().v4()) ? mesh.client().v4() : mesh.client().v6();
        echo(mesh.client(), new InetSocketAddress(to, PORT));
        assertThat(server.nextPeer().getAddress()).isEqualTo(from);
        awaitLine(
            Mesh.NODE_2,
            "direction=\"inbound\"",
            "src.identity=\"%s\"".formatted(mesh.client().identity()),
            "dst.identity=\"%s\"".formatted(mesh.server().identity()));
      }
    }
  }

  @Test
  void serviceIsReachedByItsAddress() throws Exception {
    try (AppServer server = mesh.server().serve(PORT, Services.echo())) {
      echo(mesh.client(), new InetSocketAddress(mesh.serviceAddress(), 80));
      assertThat(server.nextPeer().getAddress()).isEqualTo(mesh.client().v4());
    }
  }

  @Test
  void podOfTheSameNodeIsReached() throws Exception {
    try (AppServer server = mesh.neighbour().serve(PORT, Services.echo())) {
      echo(mesh.client(), mesh.neighbour().at(PORT));
      assertThat(server.nextPeer().getAddress()).isEqualTo(mesh.client().v4());
    }
  }

  @Test
  void plaintextComesInFromOutsideUnderItsOwnAddress() throws Exception {
    try (AppServer server = mesh.server().serve(PORT, Services.echo())) {
      echo(mesh.outsider(), mesh.server().at(PORT));
      assertThat(server.nextPeer().getAddress()).isEqualTo(mesh.outsider().v4());
      awaitLine(
          Mesh.NODE_2,
          "direction=\"inbound\"",
          "src.addr=%s:".formatted(mesh.outsider().v4().getHostAddress()),
          "dst.addr=%s:%d ".formatted(mesh.server().v4().getHostAddress(), PORT));
    }
  }

  @Test
  void plaintextGoesOutToWhoHasNoTunnel() throws Exception {
    try (AppServer server = mesh.uncapturedServer().serve(PORT, Services.echo())) {
      echo(mesh.client(), mesh.uncapturedServer().at(PORT));
      assertThat(server.nextPeer().getAddress()).isEqualTo(mesh.client().v4());
    }
  }

  @Test
  void ownPortOfTheProxyIsNoWayIn() throws Exception {
    try (AppConnection connection = mesh.outsider().connect(mesh.server().at(15006))) {
      assertThat(Endings.of(connection)).isEqualTo(Endings.RESET);
    }
  }

  /** The agent has taken one pod for another: neither's connections pass under a wrong name. */
  @Test
  void namespaceThatIsAnotherPodsHasNoIdentity() throws Exception {
    LabPod other = mesh.lab().pods().get("outsider");
    FakeAgent.Session agent = istio.agentOf(Mesh.NODE_1);
    IstioRules.apply(mesh.lab(), other);
    try (NetworkNamespace netns = NetworkNamespace.open(other.netnsFile());
        AppServer server = mesh.server().serve(PORT, Services.echo());
        AppServer own = mesh.outsider().serve(PORT, Services.echo())) {
      assertThat(agent.ask(FakeAgent.add("uid-mistaken", "neighbour"), netns.fd())).isEmpty();
      try (AppConnection out = mesh.outsider().connect(mesh.server().at(PORT));
          AppConnection in = mesh.server().connect(mesh.outsider().at(PORT))) {
        assertThat(Endings.of(out)).isEqualTo(Endings.RESET);
        assertThat(Endings.of(in)).isEqualTo(Endings.RESET);
      }
      assertThat(server.waitingPeers() + own.waitingPeers()).isZero();
      for (String direction : List.of("outbound", "inbound")) {
        awaitLine(
            Mesh.NODE_1,
            "direction=\"%s\"".formatted(direction),
            "is the address of pod mesh/outsider: this namespace is not mesh/neighbour's");
      }
    } finally {
      assertThat(agent.ask(FakeAgent.delete("uid-mistaken"))).isEmpty();
      IstioRules.remove(mesh.lab(), other);
    }
    try (AppServer _ = mesh.server().serve(PORT, Services.echo())) {
      echo(mesh.neighbour(), mesh.server().at(PORT));
      echo(mesh.outsider(), mesh.server().at(PORT));
    }
  }

  @Test
  void nameIsAnsweredOverUdp() throws Exception {
    DnsQuery query = new DnsQuery(7, Mesh.SERVICE_HOST, DnsQuery.A);
    try (DatagramChannel socket = mesh.client().udp(INET)) {
      socket.connect(Mesh.RESOLVER_V4);
      socket.write(query.packet());
      socket.socket().setSoTimeout(10_000);
      DatagramPacket answer = new DatagramPacket(new byte[512], 512);
      socket.socket().receive(answer);
      ByteBuffer bytes = ByteBuffer.wrap(answer.getData(), 0, answer.getLength());
      assertThat(query.reply(bytes).addresses()).containsOnly(mesh.serviceAddress());
    }
  }

  @Test
  void nameIsAnsweredOverTcp() throws Exception {
    DnsQuery query = new DnsQuery(8, Mesh.SERVICE_HOST, DnsQuery.A);
    try (AppConnection connection = mesh.client().connect(Mesh.RESOLVER_V4)) {
      connection.send(query.segment());
      assertThat(query.reply(DnsQuery.next(connection)).addresses())
          .containsOnly(mesh.serviceAddress());
    }
  }

  @Test
  void monitoringFindsItWhereIstiosWas() throws Exception {
    LabNode node = mesh.lab().nodes().get(Mesh.NODE_1);
    assertThat(LabHttp.get(node.place(), 15020, "/stats/prometheus").body())
        .contains("\nistio_active_proxy_count_total 2.0\n");
    assertThat(LabHttp.get(node.place(), 15000, "/config_dump").body())
        .contains("\"uid\":\"Kubernetes//Pod/mesh/client\"");
  }

  private static void echo(MeshPod from, InetSocketAddress to) throws IOException {
    try (AppConnection connection = from.connect(to)) {
      assertThat(connection.echo("hello")).isEqualTo("hello");
    }
  }

  private static void awaitLine(String node, String... parts) throws InterruptedException {
    Path log = mesh.lab().layout().logs().resolve("ztunnel-%s.log".formatted(node));
    Await.until(
        "a line of %s with %s".formatted(node, List.of(parts)),
        () ->
            Files.readAllLines(log).stream()
                .anyMatch(line -> Stream.of(parts).allMatch(line::contains)));
  }
}

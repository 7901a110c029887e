// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.cli.lab.LabHttp;
import dev.culvert.cli.lab.LabNode;
import dev.culvert.cli.lab.LabPod;
import dev.culvert.linux.socket.NetworkNamespace;
import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.hostile.FakeAgent;
import dev.culvert.tests.istio.Chart;
import dev.culvert.tests.istio.ChartContainer;
import dev.culvert.tests.istio.CiliumSecrets;
import dev.culvert.tests.istio.FakeCilium;
import dev.culvert.tests.istio.IstioRules;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import dev.culvert.tests.mesh.Root;
import dev.culvert.tests.mesh.Transports;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
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
 * Our ztunnel where Cilium runs Istio's: started by its chart's DaemonSet on both nodes, under what
 * plays its agent, with the rules that this makes in pods, which are istio-cni's.
 */
@Root
@ParameterizedClass(name = "{0}")
@MethodSource("transports")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
record CiliumNodeTest(String transport) {
  private static final int PORT = 8720;
  private static final List<String> ENROLLED = List.of("client", "neighbour", "server");

  private static Mesh mesh;
  private static final Map<String, FakeCilium> CILIUM = new HashMap<>();
  private static final List<AutoCloseable> ZDS = new ArrayList<>();

  static Stream<String> transports() {
    return Transports.available();
  }

  @BeforeParameterizedClassInvocation
  static void start(String transport) throws Exception {
    mesh = Mesh.withoutProcesses();
    CiliumSecrets secrets = CiliumSecrets.create();
    List<LabPod> pods = ENROLLED.stream().map(mesh.lab().pods()::get).toList();
    for (LabPod pod : pods) {
      IstioRules.apply(mesh.lab(), pod);
    }
    for (LabNode node : mesh.lab().nodes().values()) {
      CILIUM.put(node.name(), new FakeCilium(node, secrets, pods));
      FakeAgent agent = FakeAgent.listen(node.zdsSocket());
      ZDS.add(agent);
      startZtunnel(node, secrets, transport);
      announce(agent, pods.stream().filter(pod -> pod.node() == node));
    }
    for (LabNode node : mesh.lab().nodes().values()) {
      Await.until(
          node + " is ready",
          () -> LabHttp.get(node.place(), 15021, "/healthz/ready").status() == 200);
    }
  }

  private static void startZtunnel(LabNode node, CiliumSecrets secrets, String transport)
      throws IOException {
    Path files = mesh.lab().layout().directory().resolve("cilium-" + node.name());
    ChartContainer container =
        new ChartContainer(Chart.CILIUM, files, node.zdsSocket().getParent())
            .with("ztunnel/bootstrap-root.crt", secrets.bootstrapPem())
            .with("hosts", "127.0.0.1 localhost\n")
            .with("resolv.conf", "nameserver 127.0.0.1\n");
    List<String> command = container.command(node, Map.of("CULVERT_TRANSPORT", transport));
    var process = mesh.lab().start(node.place(), "ztunnel-" + node.name(), command);
    assertThat(process.isAlive()).isTrue();
  }

  private static void announce(FakeAgent agent, Stream<LabPod> pods) throws IOException {
    FakeAgent.Session session = agent.accept();
    ZDS.add(session);
    for (LabPod pod : (Iterable<LabPod>) pods::iterator) {
      try (NetworkNamespace netns = NetworkNamespace.open(pod.netnsFile())) {
        assertThat(session.ask(FakeAgent.add(FakeCilium.uid(pod), pod.name()), netns.fd()))
            .isEmpty();
      }
    }
    assertThat(session.ask(FakeAgent.snapshotSent())).isEmpty();
  }

  @AfterParameterizedClassInvocation
  static void stop() throws Exception {
    for (AutoCloseable one : ZDS.reversed()) {
      one.close();
    }
    ZDS.clear();
    CILIUM.values().forEach(FakeCilium::close);
    CILIUM.clear();
    if (mesh != null) {
      mesh.close();
      mesh = null;
    }
  }

  @Test
  void agentIsAskedForThePodsOfItsNodeWithoutAToken() throws Exception {
    Map<String, List<String>> expected =
        Map.of(
            Mesh.NODE_1, List.of(mesh.client().identity(), mesh.neighbour().identity()),
            Mesh.NODE_2, List.of(mesh.server().identity()));
    for (var node : expected.entrySet()) {
      FakeCilium cilium = CILIUM.get(node.getKey());
      Await.until(
          "all are signed at " + node.getKey(), () -> cilium.signed().containsAll(node.getValue()));
      assertThat(cilium.signed()).hasSameElementsAs(node.getValue());
      assertThat(cilium.tokens()).isEmpty();
      assertThat(cilium.rejections()).isEmpty();
    }
  }

  @Test
  void podOfTheOtherNodeIsReachedInATunnel() throws Exception {
    try (AppServer server = mesh.server().serve(PORT, Services.echo())) {
      for (InetAddress to : List.of(mesh.server().v4(), mesh.server().v6())) {
        InetAddress from = to.equals(mesh.server().v4()) ? mesh.client().v4() : mesh.client().v6();
        echo(mesh.client(), new InetSocketAddress(to, PORT));
        assertThat(server.nextPeer().getAddress()).isEqualTo(from);
      }
    }
    awaitLine(
        Mesh.NODE_2,
        "direction=\"inbound\"",
        "src.identity=\"%s\"".formatted(mesh.client().identity()),
        "dst.identity=\"%s\"".formatted(mesh.server().identity()));
  }

  @Test
  void podOfTheSameNodeIsReached() throws Exception {
    try (AppServer server = mesh.neighbour().serve(PORT, Services.echo())) {
      echo(mesh.client(), mesh.neighbour().at(PORT));
      assertThat(server.nextPeer().getAddress()).isEqualTo(mesh.client().v4());
    }
    awaitLine(
        Mesh.NODE_1,
        "src.identity=\"%s\"".formatted(mesh.client().identity()),
        "dst.identity=\"%s\"".formatted(mesh.neighbour().identity()));
  }

  @Test
  void plaintextComesInAndGoesOutUnderItsOwnAddress() throws Exception {
    try (AppServer server = mesh.server().serve(PORT, Services.echo());
        AppServer outside = mesh.uncapturedServer().serve(PORT, Services.echo())) {
      echo(mesh.outsider(), mesh.server().at(PORT));
      assertThat(server.nextPeer().getAddress()).isEqualTo(mesh.outsider().v4());
      echo(mesh.client(), mesh.uncapturedServer().at(PORT));
      assertThat(outside.nextPeer().getAddress()).isEqualTo(mesh.client().v4());
    }
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

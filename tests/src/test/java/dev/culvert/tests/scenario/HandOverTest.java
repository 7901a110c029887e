// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static java.net.StandardProtocolFamily.INET;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.cli.lab.LabHttp;
import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.DnsQuery;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import dev.culvert.tests.mesh.MeshProcess;
import dev.culvert.tests.mesh.Root;
import dev.culvert.tests.mesh.Transports;
import java.io.IOException;
import java.net.DatagramPacket;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.MethodSource;

/** A new ztunnel takes a node's pods over from the one that runs, which ends in its own time. */
@Root
@ParameterizedClass(name = "{0}")
@MethodSource("transports")
@Timeout(value = 5, unit = TimeUnit.MINUTES)
record HandOverTest(String transport) {
  private static final int PORT = 8700;
  private static final int UPGRADES = 3;
  private static final int ROLL_BACKS = 2;
  private static final int[] PROXY_PORTS = {15001, 15006, 15008};
  private static final int ANSWER_MILLIS = 10_000;

  private static Mesh mesh;
  private static final List<AppServer> APPS = new ArrayList<>();
  private static final List<MeshProcess> ENDING = new ArrayList<>();

  static Stream<String> transports() {
    return Transports.available();
  }

  @BeforeParameterizedClassInvocation
  static void start(String transport) throws Exception {
    mesh = Mesh.start(transport, Map.of("drain-deadline", "1h"));
    mesh.processes().startAhead();
  }

  @AfterParameterizedClassInvocation
  static void stop() throws Exception {
    if (mesh != null) {
      mesh.close();
      mesh = null;
    }
  }

  @BeforeEach
  void startApps() throws IOException {
    APPS.add(mesh.server().serve(PORT, Services.echo()));
    APPS.add(mesh.neighbour().serve(PORT, Services.echo()));
  }

  /** What has nothing open any more ends by itself. */
  @AfterEach
  void endedProxiesAreGone() throws Exception {
    for (AppServer app : APPS) {
      app.close();
    }
    APPS.clear();
    for (MeshProcess ending : ENDING) {
      assertThat(ending.lab().exitCode(Duration.ofSeconds(60))).isZero();
    }
    ENDING.clear();
  }

  private static String talk(MeshPod from, InetSocketAddress to) throws IOException {
    try (AppConnection connection = from.connect(to)) {
      return connection.echo("hello");
    }
  }

  private static String talk() throws IOException {
    return talk(mesh.client(), mesh.server().at(PORT));
  }

  private static InetSocketAddress serverAtV6() {
    return new InetSocketAddress(mesh.server().v6(), PORT);
  }

  private static String askForService() throws IOException {
    DnsQuery query = new DnsQuery(7, Mesh.SERVICE_HOST, DnsQuery.A);
    try (DatagramChannel socket = mesh.client().udp(INET)) {
      socket.send(query.packet(), Mesh.RESOLVER_V4);
      socket.socket().setSoTimeout(ANSWER_MILLIS);
      DatagramPacket answer = new DatagramPacket(new byte[512], 512);
      socket.socket().receive(answer);
      ByteBuffer bytes = ByteBuffer.wrap(answer.getData(), 0, answer.getLength());
      assertThat(query.reply(bytes).addresses()).containsOnly(mesh.serviceAddress());
      return "answered";
    }
  }

  /**
   * The next takes over; the one before it is told to end when the next is ready, as by Kubernetes.
   */
  private static MeshProcess upgrade(MeshPod pod) throws IOException {
    MeshProcess before = mesh.processes().ztunnelOf(pod);
    mesh.processes().startNextZtunnel(pod, Map.of());
    end(before);
    return before;
  }

  private static void end(MeshProcess process) {
    process.end();
    ENDING.add(process);
  }

  private static AppConnection toServer() throws IOException {
    return mesh.client().connect(mesh.server().at(PORT));
  }

  @Test
  void threeUpgradesUnderLoadLoseNothing() throws Exception {
    List<LongConnection> open = new ArrayList<>();
    List<AppServer> intruders = new ArrayList<>();
    MeshProcess oldest = mesh.processes().ztunnelOf(mesh.client());
    try (Load load = new Load()) {
      for (int port : PROXY_PORTS) {
        intruders.add(mesh.client().serveShared(port, Services.echo()));
        intruders.add(mesh.server().serveShared(port, Services.echo()));
      }
      beginAll(load);
      open.add(LongConnection.transfer(toServer()));
      load.awaitMore(50);
      for (int upgrade = 0; upgrade < UPGRADES; upgrade++) {
        open.add(LongConnection.chat(toServer()));
        upgradeBothNodes();
        load.awaitMore(50);
      }
      assertTellsWhatItDrains(oldest);
      load.stop();
      assertThat(load.failures()).isEmpty();
      for (LongConnection one : open) {
        one.endAndVerify();
      }
      for (AppServer intruder : intruders) {
        assertThat(intruder.waitingPeers()).isZero();
      }
    } finally {
      for (LongConnection one : open) {
        one.close();
      }
      for (AppServer intruder : intruders) {
        intruder.close();
      }
    }
  }

  /** Over every port of the proxies, and to each of their sockets for DNS. */
  private static void beginAll(Load load) {
    load.begin("a connection to the other node", HandOverTest::talk);
    load.begin("one over IPv6", () -> talk(mesh.client(), serverAtV6()));
    load.begin("one within the node", () -> talk(mesh.client(), mesh.neighbour().at(PORT)));
    load.begin("plaintext", () -> talk(mesh.outsider(), mesh.server().at(PORT)));
    load.begin("a query", HandOverTest::askForService);
  }

  /** The newest of both nodes are told to end, and the ones before them go on. */
  @Test
  void upgradesThatAreTakenBackUnderLoadLoseNothing() throws Exception {
    MeshProcess older = mesh.processes().ztunnelOf(mesh.client());
    MeshProcess otherOlder = mesh.processes().ztunnelOf(mesh.server());
    try (Load load = new Load();
        LongConnection chat = LongConnection.chat(toServer())) {
      beginAll(load);
      for (int i = 0; i < ROLL_BACKS; i++) {
        mesh.processes().startNextZtunnels(mesh.client(), mesh.server());
        load.awaitMore(20);
        end(mesh.processes().ztunnelOf(mesh.client()));
        end(mesh.processes().ztunnelOf(mesh.server()));
        mesh.processes().fallBack(mesh.client(), older);
        mesh.processes().fallBack(mesh.server(), otherOlder);
        load.awaitMore(20);
      }
      load.stop();
      assertThat(load.failures()).isEmpty();
      chat.endAndVerify();
    }
  }

  private static void upgradeBothNodes() throws Exception {
    MeshProcess before = mesh.processes().ztunnelOf(mesh.client());
    MeshProcess otherBefore = mesh.processes().ztunnelOf(mesh.server());
    mesh.processes().startNextZtunnels(mesh.client(), mesh.server());
    end(before);
    end(otherBefore);
    assertCarriesOn(before, mesh.client());
    assertCarriesOn(otherBefore, mesh.server());
  }

  /** The one that ends keeps what it has open and says so; the next has new connections. */
  private static void assertCarriesOn(MeshProcess before, MeshPod pod) throws Exception {
    MeshProcess next = mesh.processes().ztunnelOf(pod);
    Await.until(
        "the one before tells what it drains",
        () -> metric(pod, before, "culvert_draining_connections") > 0);
    assertThat(metric(pod, before, "culvert_draining_seconds_left")).isPositive();
    Await.until(
        "the next has connections",
        () -> mesh.processes().metrics(pod, next).contains("istio_tcp_connections_opened_total{"));
    assertThat(before.lab().isAlive()).isTrue();
  }

  /** To whoever asks, and by itself. */
  private static void assertTellsWhatItDrains(MeshProcess oldest) throws Exception {
    LabHttp readiness = mesh.processes().readiness(mesh.client(), oldest);
    assertThat(readiness.status()).isEqualTo(503);
    assertThat(readiness.body()).contains("draining: ", "mesh/client=");
    assertThat(mesh.processes().dump(mesh.client(), oldest))
        .contains("%s:%d".formatted(mesh.server().v4().getHostAddress(), PORT));
    assertThat(oldest.awaitLog("draining: ")).contains("mesh/client=");
  }

  private static double metric(MeshPod pod, MeshProcess ztunnel, String name) throws IOException {
    return mesh.processes()
        .metrics(pod, ztunnel)
        .lines()
        .filter(line -> line.startsWith(name + " "))
        .mapToDouble(line -> Double.parseDouble(line.substring(name.length() + 1)))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no metric " + name));
  }

  @Test
  void newestKilledBeforeTheOlderWasToldToEnd() throws Exception {
    MeshProcess older = mesh.processes().ztunnelOf(mesh.client());
    try (LongConnection chat = LongConnection.chat(toServer())) {
      MeshProcess newest = mesh.processes().startNextZtunnel(mesh.client(), Map.of());
      assertThat(talk()).isEqualTo("hello");
      try (MeshPod late = mesh.addPod(Mesh.NODE_1, "late", true)) {
        newest.kill();
        // The kernel closes what an io_uring had open a moment after the process is gone.
        Await.until("the older serves again", () -> talk().equals("hello"));
        assertThat(talk(mesh.outsider(), mesh.neighbour().at(PORT))).isEqualTo("hello");
        assertThat(askForService()).isEqualTo("answered");
        Await.until(
            "the older has the pod that only the newest had",
            () -> talk(late, mesh.server().at(PORT)).equals("hello"));
      }
      chat.endAndVerify();
    }
    mesh.processes().fallBack(mesh.client(), older);
  }

  @Test
  void newestKilledWhileTheOlderEnds() throws Exception {
    try (LongConnection chat = LongConnection.chat(toServer())) {
      upgrade(mesh.client());
      MeshProcess newest = mesh.processes().ztunnelOf(mesh.client());
      assertThat(talk()).isEqualTo("hello");
      newest.kill();
      Await.until("the one that ends serves again", () -> talk().equals("hello"));
      Await.until("and resolves names", () -> askForService().equals("answered"));
      mesh.processes().startNextZtunnel(mesh.client(), Map.of());
      assertThat(talk()).isEqualTo("hello");
      chat.endAndVerify();
    }
  }

  @Test
  void deadlineResetsWhatIsStillOpen() throws Exception {
    MeshProcess first = mesh.processes().ztunnelOf(mesh.client());
    MeshProcess hasty =
        mesh.processes().startNextZtunnel(mesh.client(), Map.of("drain-deadline", "500ms"));
    end(first);
    try (AppConnection open = toServer()) {
      assertThat(open.echo("before")).isEqualTo("before");
      mesh.processes().startNextZtunnel(mesh.client(), Map.of());
      end(hasty);
      assertThat(Endings.of(open)).isEqualTo(Endings.RESET);
      hasty.awaitLog("the drain deadline has passed");
    }
  }

  @Test
  void policyEditClosesConnectionsOfTheOneThatEnds() throws Exception {
    String policy = "hand-over.yaml";
    try (AppConnection open = toServer()) {
      assertThat(open.echo("before")).isEqualTo("before");
      upgrade(mesh.server());
      assertThat(open.echo("still")).isEqualTo("still");
      mesh.apply(
          policy,
          """
          apiVersion: policy.culvert.dev/v1alpha1
          kind: AuthorizationPolicy
          metadata: {name: not-the-client, namespace: mesh}
          spec:
            selector: {matchLabels: {app: server}}
            action: DENY
            rules:
            - from:
              - source: {principals: ["cluster.local/ns/mesh/sa/client"]}
          """);
      assertThat(Endings.of(open)).isNotEmpty();
    } finally {
      mesh.withdraw(policy);
    }
    Await.until("the client may again", () -> talk().equals("hello"));
  }

  @Test
  void podThatLeavesIsLeftByTheOneThatEndsToo() throws Exception {
    MeshPod leaving = mesh.addPod(Mesh.NODE_1, "leaving", true);
    try (leaving;
        AppConnection open = leaving.connect(mesh.server().at(PORT))) {
      assertThat(open.echo("before")).isEqualTo("before");
      MeshProcess before = upgrade(mesh.client());
      assertThat(open.echo("still")).isEqualTo("still");
      mesh.capture(false, leaving);
      assertThat(Endings.of(open)).isEqualTo(Endings.RESET);
      before.awaitLog("the pod left the mesh");
    }
  }
}

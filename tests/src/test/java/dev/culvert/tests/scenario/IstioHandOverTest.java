// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static java.net.StandardProtocolFamily.INET;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.cli.lab.LabNode;
import dev.culvert.cli.lab.LabProcess;
import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.DnsQuery;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.istio.IstioMesh;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import dev.culvert.tests.mesh.Root;
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
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * A new ztunnel takes over from the one that runs where istio-cni's rules lead to both, and the
 * kernel alone chooses between them.
 */
@Root
@Timeout(value = 5, unit = TimeUnit.MINUTES)
final class IstioHandOverTest {
  private static final int PORT = 8700;
  private static final int UPGRADES = 3;
  private static final int ROLL_BACKS = 2;
  private static final int ANSWER_MILLIS = 10_000;

  private static IstioMesh istio;
  private static Mesh mesh;

  private static final List<LabProcess> ENDING = new ArrayList<>();

  private final List<AppServer> apps = new ArrayList<>();

  @BeforeAll
  static void start() throws Exception {
    istio = IstioMesh.start(PORT, Map.of("CONNECTION_TERMINATION_DEADLINE", "1h"));
    mesh = istio.mesh();
  }

  @AfterAll
  static void stop() throws Exception {
    if (istio != null) {
      istio.close();
    }
  }

  @BeforeEach
  void startApps() throws IOException {
    apps.add(mesh.server().serve(PORT, Services.echo()));
    apps.add(mesh.neighbour().serve(PORT, Services.echo()));
  }

  /** What has nothing open any more ends by itself. */
  @AfterEach
  void endedProxiesAreGone() throws IOException {
    for (AppServer app : apps) {
      app.close();
    }
    for (LabProcess ending : ENDING) {
      assertThat(ending.exitCode(Duration.ofSeconds(60))).isZero();
    }
    ENDING.clear();
  }

  private static void end(LabProcess ztunnel) {
    ztunnel.end();
    ENDING.add(ztunnel);
  }

  private static String talk(MeshPod from, InetSocketAddress to) throws IOException {
    try (AppConnection connection = from.connect(to)) {
      return connection.echo("hello");
    }
  }

  private static AppConnection toServer() throws IOException {
    return mesh.client().connect(mesh.server().at(PORT));
  }

  private static Object askOverUdp() throws IOException {
    DnsQuery query = new DnsQuery(7, Mesh.SERVICE_HOST, DnsQuery.A);
    try (DatagramChannel socket = mesh.client().udp(INET)) {
      socket.send(query.packet(), Mesh.RESOLVER_V4);
      socket.socket().setSoTimeout(ANSWER_MILLIS);
      DatagramPacket answer = new DatagramPacket(new byte[512], 512);
      socket.socket().receive(answer);
      ByteBuffer bytes = ByteBuffer.wrap(answer.getData(), 0, answer.getLength());
      return assertThat(query.reply(bytes).addresses()).containsOnly(mesh.serviceAddress());
    }
  }

  private static Object askOverTcp() throws IOException {
    DnsQuery query = new DnsQuery(8, Mesh.SERVICE_HOST, DnsQuery.A);
    try (AppConnection connection = mesh.client().connect(Mesh.RESOLVER_V4)) {
      connection.send(query.segment());
      return assertThat(query.reply(DnsQuery.next(connection)).addresses())
          .containsOnly(mesh.serviceAddress());
    }
  }

  /** Over every port of the proxies. */
  private static void beginAll(Load load) {
    InetSocketAddress overIpv6 = new InetSocketAddress(mesh.server().v6(), PORT);
    load.begin("to the other node", () -> talk(mesh.client(), mesh.server().at(PORT)));
    load.begin("over IPv6", () -> talk(mesh.client(), overIpv6));
    load.begin("within the node", () -> talk(mesh.client(), mesh.neighbour().at(PORT)));
    load.begin("plaintext", () -> talk(mesh.outsider(), mesh.server().at(PORT)));
    load.begin("a query", IstioHandOverTest::askOverUdp);
    load.begin("a query over TCP", IstioHandOverTest::askOverTcp);
  }

  private static List<LabProcess> startNextOnBothNodes() throws Exception {
    List<LabProcess> next = new ArrayList<>();
    for (LabNode node : mesh.lab().nodes().values()) {
      next.add(istio.startNextZtunnel(node));
    }
    return next;
  }

  @Test
  void upgradesUnderLoadLoseNothingAlsoOnesThatAreTakenBack() throws Exception {
    List<LabProcess> current = istio.ztunnels();
    List<LongConnection> open = new ArrayList<>();
    try (Load load = new Load()) {
      beginAll(load);
      open.add(LongConnection.transfer(toServer()));
      load.awaitMore(20);
      for (int i = 0; i < UPGRADES; i++) {
        open.add(LongConnection.chat(toServer()));
        List<LabProcess> next = startNextOnBothNodes();
        current.forEach(IstioHandOverTest::end);
        load.awaitMore(20);
        istio.awaitPortsOfOneProxy();
        current = next;
      }
      for (int i = 0; i < ROLL_BACKS; i++) {
        List<LabProcess> newest = startNextOnBothNodes();
        load.awaitMore(20);
        newest.forEach(IstioHandOverTest::end);
        load.awaitMore(20);
        istio.awaitPortsOfOneProxy();
      }
      load.stop();
      assertThat(load.failures()).isEmpty();
      for (LongConnection one : open) {
        one.endAndVerify();
      }
    } finally {
      for (LongConnection one : open) {
        one.close();
      }
    }
  }
}

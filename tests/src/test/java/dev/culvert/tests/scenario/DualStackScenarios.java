// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static java.net.StandardProtocolFamily.INET;
import static java.net.StandardProtocolFamily.INET6;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.DnsQuery;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import dev.culvert.tests.mesh.PodEdit;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Services and pods of one family or of both. */
abstract class DualStackScenarios {
  private static final String FILE = "dual-stack.yaml";
  private static final int PORT = 8580;
  private static final InetSocketAddress V4 = new InetSocketAddress("198.19.4.1", 80);
  private static final InetSocketAddress V6 = new InetSocketAddress("fd00:c01:0:4::1", 80);
  private static final String HOST = "dual.mesh.svc.cluster.local";

  private final Mesh mesh;

  DualStackScenarios(Mesh mesh) {
    this.mesh = mesh;
  }

  @AfterEach
  void withdraw() throws IOException {
    mesh.withdraw(FILE);
    mesh.describe(mesh.server(), true);
  }

  @Test
  void serviceOfBothFamiliesIsReachedInTheOneThatWasAskedFor() throws Exception {
    apply(service("198.19.4.1, \"fd00:c01:0:4::1\"", "app: server"));
    try (AppServer app = mesh.server().serve(PORT, Services.echo())) {
      Await.until("it is known", () -> echoes(mesh.client(), INET, V4));
      Await.until("by both", () -> echoes(mesh.client(), INET6, V6));
      app.forgetPeers();
      assertThat(echoes(mesh.client(), INET, V4)).isTrue();
      assertThat(app.nextPeer().getAddress()).isEqualTo(mesh.client().v4());
      assertThat(echoes(mesh.client(), INET6, V4)).as("by a mapped address").isTrue();
      assertThat(app.nextPeer().getAddress()).isEqualTo(mesh.client().v4());
      assertThat(echoes(mesh.client(), INET6, V6)).isTrue();
      assertThat(app.nextPeer().getAddress()).isEqualTo(mesh.client().v6());
    }
  }

  @Test
  void nameOfADualStackServiceHasAnAddressOfEach() throws Exception {
    apply(service("198.19.4.1, \"fd00:c01:0:4::1\"", "app: server"));
    awaitTold(DnsQuery.A, V4.getAddress());
    awaitTold(DnsQuery.AAAA, V6.getAddress());
  }

  @Test
  void headlessServiceTellsThePodsOfEachFamily() throws Exception {
    apply(service("None", "app: server"));
    awaitTold(DnsQuery.A, mesh.server().v4());
    awaitTold(DnsQuery.AAAA, mesh.server().v6());
  }

  @Test
  void podOfOneFamilyBehindAServiceOfTheOther() throws Exception {
    apply(service("198.19.4.1", "app: server6"));
    try (AppServer app = mesh.serverWithoutV4().serve(PORT, Services.echo())) {
      Await.until("it is known", () -> echoes(mesh.client(), INET, V4));
      assertThat(app.nextPeer().getAddress()).isEqualTo(mesh.client().v6());
    }
  }

  @Test
  void podThatHasNoWayToTheOnlyEndpointIsRefused() throws Exception {
    try (MeshPod only4 = mesh.addPodWithoutV6(Mesh.NODE_2, "only4");
        AppServer app = only4.serve(PORT, Services.echo())) {
      apply(service("\"fd00:c01:0:4::1\"", "app: only4"));
      Await.until("who has both reaches it", () -> echoes(mesh.client(), INET6, V6));
      app.forgetPeers();
      assertThat(echoes(mesh.clientWithoutV4(), INET6, V6)).isFalse();
      assertThat(app.waitingPeers()).isZero();
    }
  }

  @Test
  void podWithoutIpv6ServesAndAsks() throws Exception {
    try (MeshPod only4 = mesh.addPodWithoutV6(Mesh.NODE_1, "only4");
        AppServer _ = only4.serve(PORT, Services.echo());
        AppServer _ = mesh.server().serve(PORT, Services.echo())) {
      for (ProtocolFamily family : List.of(INET, INET6)) {
        assertThat(identity(only4, family, mesh.server())).contains(only4.identity());
        assertThat(identity(mesh.client(), family, only4)).contains(mesh.client().identity());
      }
      assertThat(ask(only4, Mesh.SERVICE_HOST, DnsQuery.A)).containsOnly(mesh.serviceAddress());
    }
  }

  @Test
  void endpointOfTheFamilyThatWasAskedForGoesFirst() throws Exception {
    mesh.describe(mesh.server(), true, PodEdit.label("behind", "either"));
    try (MeshPod only4 = mesh.addPodWithoutV6(Mesh.NODE_2, "only4");
        AppServer four = only4.serve(PORT, Services.greet("4"));
        AppServer both = mesh.server().serve(PORT, Services.greet("b"))) {
      mesh.describe(only4, true, PodEdit.label("behind", "either"), PodEdit.withoutV6(only4));
      apply(service("198.19.4.1, \"fd00:c01:0:4::1\"", "behind: either"));
      Await.until(
          "both are known by IPv4",
          () -> Greetings.count(mesh.client(), V4, 20).keySet().equals(Set.of("4", "b")));
      four.forgetPeers();
      both.forgetPeers();
      assertThat(Greetings.count(mesh.client(), V6, 20)).isEqualTo(Map.of("b", 20));
    }
  }

  @Test
  void longestPrefixOfIpv6RangesWins() throws Exception {
    try (MeshPod wide = mesh.addHost(Mesh.NODE_2, "wide");
        MeshPod narrow = mesh.addHost(Mesh.NODE_2, "narrow");
        AppServer _ = wide.serve(PORT, Services.greet("w"));
        AppServer _ = narrow.serve(PORT, Services.greet("n"))) {
      apply(
          range("wide", "fd00:c01:0:5::/64", wide) + range("narrow", "fd00:c01:0:5::/112", narrow));
      Await.until("the narrow one is known", () -> answers("fd00:c01:0:5::7").equals("n"));
      assertThat(answers("fd00:c01:0:5::ffff")).isEqualTo("n");
      assertThat(answers("fd00:c01:0:5::1:0")).isEqualTo("w");
    }
  }

  private String answers(String address) {
    return Greetings.of(mesh.client(), new InetSocketAddress(address, 80));
  }

  private static boolean echoes(MeshPod from, ProtocolFamily family, InetSocketAddress to) {
    try (AppConnection connection = from.connect(family, to)) {
      return connection.echo("anybody?").equals("anybody?") && connection.peer().equals(to);
    } catch (IOException _) {
      return false;
    }
  }

  private Optional<String> identity(MeshPod from, ProtocolFamily family, MeshPod to)
      throws Exception {
    InetSocketAddress app = to.at(PORT);
    return mesh.sourceIdentity(from.v4(), to, app, () -> echoes(from, family, app));
  }

  private void awaitTold(int type, InetAddress address) throws InterruptedException {
    Await.until(
        "the name is told as " + address,
        () -> ask(mesh.client(), HOST, type).equals(List.of(address)));
  }

  private static List<InetAddress> ask(MeshPod pod, String name, int type) throws IOException {
    DnsQuery query = new DnsQuery(type, name, type);
    try (DatagramChannel socket = pod.udp(INET)) {
      socket.send(query.packet(), Mesh.RESOLVER_V4);
      ByteBuffer answer = ByteBuffer.allocate(512);
      assertThat(socket.receive(answer)).isEqualTo(Mesh.RESOLVER_V4);
      return query.reply(answer.flip()).addresses();
    }
  }

  private void apply(String yaml) throws IOException, InterruptedException {
    mesh.apply(FILE, yaml);
    mesh.client().awaitService(yaml.contains("ServiceEntry") ? "narrow.example" : HOST);
  }

  private static String service(String addresses, String selector) {
    return """
    apiVersion: v1
    kind: Service
    metadata: {name: dual, namespace: mesh}
    spec:
      clusterIPs: [%s]
      ipFamilyPolicy: PreferDualStack
      selector: {%s}
      ports: [{name: tcp, port: 80, targetPort: %d}]
    """
        .formatted(addresses, selector, PORT);
  }

  private static String range(String name, String range, MeshPod host) {
    return """
    ---
    apiVersion: networking.istio.io/v1
    kind: ServiceEntry
    metadata: {name: %s, namespace: mesh}
    spec:
      hosts: [%s.example]
      addresses: ["%s"]
      resolution: STATIC
      ports: [{number: 80, name: tcp, protocol: TCP, targetPort: %d}]
      endpoints: [{address: %s}]
    """
        .formatted(name, name, range, PORT, host.v4().getHostAddress());
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static java.net.StandardProtocolFamily.INET;
import static java.net.StandardProtocolFamily.INET6;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.DnsQuery;
import dev.culvert.tests.app.DnsServer;
import dev.culvert.tests.app.DnsServer.Told;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** DNS that the mesh does not answer itself, DNS over TCP, and a pod that asks too much. */
abstract class DnsForwardingScenarios {
  private static final InetAddress ANSWER = InetAddress.ofLiteral("198.19.9.9");
  private static final List<InetAddress> MANY =
      IntStream.range(0, 100).mapToObj(i -> InetAddress.ofLiteral("198.19.8." + i)).toList();

  private final Mesh mesh;

  DnsForwardingScenarios(Mesh mesh) {
    this.mesh = mesh;
  }

  /** Knows small names and a large one, and is silent when it shall be. */
  private static Told zone(String name) {
    return switch (name) {
      case "silent" -> null;
      case "large" -> Told.once(MANY);
      default -> Told.once(List.of(ANSWER));
    };
  }

  private static DnsServer resolver(MeshPod pod) throws IOException {
    return pod.resolve(DnsForwardingScenarios::zone);
  }

  private static InetSocketAddress at(InetAddress resolver) {
    return new InetSocketAddress(resolver, DnsServer.PORT);
  }

  private static DnsQuery.Reply ask(
      MeshPod pod, ProtocolFamily family, InetSocketAddress resolver, String name)
      throws IOException {
    DnsQuery query = new DnsQuery(3, name, DnsQuery.A);
    try (DatagramChannel socket = pod.udp(family)) {
      socket.send(query.packet(), resolver);
      ByteBuffer answer = ByteBuffer.allocate(512);
      assertThat(socket.receive(answer)).isEqualTo(resolver);
      return query.reply(answer.flip());
    }
  }

  @Test
  void resolverThatWasAskedAnswers() throws Exception {
    InetSocketAddress asked = at(mesh.server().v4());
    try (DnsServer server = resolver(mesh.server());
        DnsServer other = resolver(mesh.uncapturedServer())) {
      assertThat(ask(mesh.client(), INET, asked, "asked.v4").addresses()).containsOnly(ANSWER);
      assertThat(ask(mesh.client(), INET6, asked, "asked.mapped").addresses()).containsOnly(ANSWER);
      assertThat(server.datagrams("asked")).isEqualTo(2);
      assertThat(other.datagrams("asked")).isZero();
    }
  }

  @Test
  void podsThatHaveOnlyIpv6() throws Exception {
    InetSocketAddress asked = at(mesh.serverWithoutV4().v6());
    try (DnsServer server = resolver(mesh.serverWithoutV4())) {
      assertThat(ask(mesh.clientWithoutV4(), INET6, asked, "asked.v6").addresses())
          .containsOnly(ANSWER);
      assertThat(server.datagrams("asked")).isEqualTo(1);
    }
  }

  @Test
  void silentResolverReplacedByTheNodes() throws Exception {
    try (DnsServer nodes = resolver(mesh.uncapturedServer())) {
      assertThat(ask(mesh.client(), INET, Mesh.RESOLVER_V4, "replaced.other").addresses())
          .containsOnly(ANSWER);
      assertThat(nodes.datagrams("replaced")).isEqualTo(1);
    }
  }

  @Test
  void serviceOverTcp() throws Exception {
    assertThat(askOverTcp(mesh.client(), Mesh.RESOLVER_V4, Mesh.SERVICE_HOST).addresses())
        .containsOnly(mesh.serviceAddress());
    assertThat(askOverTcp(mesh.clientWithoutV4(), Mesh.RESOLVER_V6, Mesh.SERVICE_HOST).addresses())
        .containsOnly(mesh.serviceAddress());
  }

  private static DnsQuery.Reply askOverTcp(MeshPod pod, InetSocketAddress resolver, String name)
      throws IOException {
    DnsQuery query = new DnsQuery(4, name, DnsQuery.A);
    try (AppConnection connection = pod.connect(resolver)) {
      connection.send(query.segment());
      return query.reply(DnsQuery.next(connection));
    }
  }

  @Test
  void queriesOfOneConnectionAnsweredInAnyOrder() throws Exception {
    try (DnsServer _ = resolver(mesh.server());
        AppConnection connection = mesh.client().connect(at(mesh.server().v4()))) {
      connection.send(new DnsQuery(1, "small.pipeline", DnsQuery.A).segment());
      connection.send(new DnsQuery(2, Mesh.SERVICE_HOST, DnsQuery.A).segment());
      connection.finish();
      Set<Integer> answered = new HashSet<>();
      answered.add((int) DnsQuery.next(connection).getShort());
      answered.add((int) DnsQuery.next(connection).getShort());
      assertThat(answered).containsExactlyInAnyOrder(1, 2);
    }
  }

  @Test
  void largeAnswerTruncatedOverUdpAndWholeOverTcp() throws Exception {
    InetSocketAddress asked = at(mesh.uncapturedServer().v4());
    try (DnsServer _ = resolver(mesh.uncapturedServer())) {
      DnsQuery.Reply small = ask(mesh.client(), INET, asked, "large.example");
      assertThat(small.truncated()).isTrue();
      assertThat(small.addresses()).hasSizeLessThan(MANY.size());
      assertThat(askOverTcp(mesh.client(), asked, "large.example").addresses()).hasSize(100);
    }
  }

  @Test
  void resolverOfTheMeshAskedOverTcpInATunnel() throws Exception {
    InetSocketAddress asked = at(mesh.server().v4());
    try (DnsServer _ = resolver(mesh.server())) {
      assertThat(
              mesh.sourceIdentity(
                  mesh.client().v4(),
                  mesh.server(),
                  asked,
                  () -> askOverTcp(mesh.client(), asked, "large.tunnel")))
          .contains(mesh.client().identity());
    }
  }

  @Test
  void floodOfOnePodLeavesOthersAlone() throws Exception {
    AtomicBoolean enough = new AtomicBoolean();
    InetSocketAddress asked = at(mesh.server().v4());
    try (DnsServer server = resolver(mesh.server());
        MeshPod flooder = mesh.addPod(Mesh.NODE_1, "flooder", true);
        DatagramChannel flood = flooder.udp(INET)) {
      Await.until(
          "it is answered",
          () -> ask(flooder, INET, asked, "small.before").addresses().equals(List.of(ANSWER)));
      flood.connect(asked);
      Thread sender = Thread.ofPlatform().start(() -> flood(flood, enough));
      try {
        ByteBuffer refusal = ByteBuffer.allocate(512);
        flood.read(refusal);
        assertThat(refusal.get(3) & 0xf).as("SERVFAIL").isEqualTo(2);
        for (int i = 0; i < 100; i++) {
          assertThat(ask(mesh.client(), INET, Mesh.RESOLVER_V4, Mesh.SERVICE_HOST).addresses())
              .containsOnly(mesh.serviceAddress());
        }
        assertThat(ask(mesh.client(), INET, asked, "small.flood").addresses()).containsOnly(ANSWER);
        assertThat(server.datagrams("silent")).isPositive();
      } finally {
        enough.set(true);
        sender.join();
      }
    }
  }

  private static void flood(DatagramChannel socket, AtomicBoolean enough) {
    try {
      for (int i = 0; !enough.get(); i++) {
        socket.write(new DnsQuery(i & 0xffff, "silent.n" + i, DnsQuery.A).packet());
      }
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static java.net.StandardProtocolFamily.INET;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.DnsQuery;
import dev.culvert.tests.app.DnsServer;
import dev.culvert.tests.app.DnsServer.Told;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What a name means to a pod, and what is kept of the answers of others. */
abstract class DnsNameScenarios {
  private static final String FILE = "names.yaml";
  private static final InetAddress ELSEWHERE = InetAddress.ofLiteral("198.19.9.1");
  private static final InetAddress INSTEAD = InetAddress.ofLiteral("198.19.9.2");
  private static final int NXDOMAIN = 3;
  private static final int LONG = 600;

  private final Mesh mesh;

  DnsNameScenarios(Mesh mesh) {
    this.mesh = mesh;
  }

  @AfterEach
  void withdraw() throws IOException {
    mesh.withdraw(FILE);
  }

  @Test
  void namesOfTheMeshAreToldWithAuthorityForHalfAMinute() throws Exception {
    DnsQuery.Reply reply =
        ask(mesh.client(), Mesh.RESOLVER_V4, new DnsQuery(1, Mesh.SERVICE_HOST, DnsQuery.A, 1232));
    assertThat(reply.addresses()).containsExactly(mesh.serviceAddress());
    assertThat(reply.authority()).isTrue();
    assertThat(reply.seconds()).isEqualTo(30);
    assertThat(reply.edns()).isTrue();
    assertThat(reply.aliases()).isEmpty();
  }

  @Test
  void searchDomainIsTakenAwayAndToldAsAnAlias() throws Exception {
    mesh.apply(FILE, entry("mesh", "outside.example", "198.19.1.20"));
    mesh.client().awaitService("outside.example");
    Await.until("it is told", () -> isTold("outside.example", "198.19.1.20"));
    for (String domain : List.of("mesh.svc.cluster.local", "svc.cluster.local", "cluster.local")) {
      DnsQuery.Reply reply = ask(mesh.client(), "outside.example." + domain);
      assertThat(reply.aliases()).as(domain).containsExactly("outside.example");
      assertThat(reply.addresses()).containsExactly(InetAddress.ofLiteral("198.19.1.20"));
    }
    DnsQuery.Reply twice = ask(mesh.client(), Mesh.SERVICE_HOST + ".mesh.svc.cluster.local");
    assertThat(twice.aliases()).containsExactly(Mesh.SERVICE_HOST);
    assertThat(twice.addresses()).containsExactly(mesh.serviceAddress());
  }

  @Test
  void mostSpecificWildcardIsTold() throws Exception {
    mesh.apply(
        FILE,
        entry("mesh", "*.wild.example", "198.19.1.21")
            + entry("mesh", "*.deep.wild.example", "198.19.1.22")
            + entry("mesh", "exact.deep.wild.example", "198.19.1.23"));
    for (String host :
        List.of("*.wild.example", "*.deep.wild.example", "exact.deep.wild.example")) {
      mesh.client().awaitService(host);
    }
    assertThat(isTold("a.wild.example", "198.19.1.21")).isTrue();
    assertThat(isTold("a.deep.wild.example", "198.19.1.22")).isTrue();
    assertThat(isTold("b.a.deep.wild.example", "198.19.1.22")).isTrue();
    assertThat(isTold("exact.deep.wild.example", "198.19.1.23")).isTrue();
  }

  @Test
  void hostWithoutAnAddressIsAskedElsewhere() throws Exception {
    mesh.apply(FILE, entry("mesh", "plain.example", "").replace("addresses: []", ""));
    mesh.client().awaitService("plain.example");
    try (DnsServer nodes = resolver(mesh.uncapturedServer(), Told.once(List.of(ELSEWHERE)))) {
      assertThat(askNodes(mesh.client(), "plain.example")).containsExactly(ELSEWHERE);
      assertThat(nodes.datagrams("plain")).isPositive();
    }
  }

  @Test
  void ofOneHostInTwoNamespacesTheOwnIsTold() throws Exception {
    mesh.apply(
        FILE,
        entry("mesh", "both.example", "198.19.1.24")
            + entry("other", "both.example", "198.19.1.25"));
    try (MeshPod stranger = mesh.addPodOf("other", Mesh.NODE_1, "stranger")) {
      Await.until("the client's", () -> isTold("both.example", "198.19.1.24"));
      Await.until("the stranger's", () -> isTold(stranger, "both.example", "198.19.1.25"));
      assertThat(isTold("both.example", "198.19.1.24")).isTrue();
    }
  }

  @Test
  void hostThatOnlyItsNamespaceSeesIsAskedElsewhereByOthers() throws Exception {
    mesh.apply(FILE, entry("mesh", "hidden.example", "198.19.1.26") + "  exportTo: [\".\"]\n");
    try (DnsServer _ = resolver(mesh.uncapturedServer(), Told.once(List.of(ELSEWHERE)));
        MeshPod stranger = mesh.addPodOf("other", Mesh.NODE_1, "stranger")) {
      Await.until("the client's", () -> isTold("hidden.example", "198.19.1.26"));
      Await.until(
          "the stranger is in the mesh",
          () -> isTold(stranger, Mesh.SERVICE_HOST, Mesh.SERVICE_ADDRESS));
      assertThat(askNodes(stranger, "hidden.example")).containsExactly(ELSEWHERE);
      assertThat(askNodes(mesh.client(), "hidden.example"))
          .containsExactly(InetAddress.ofLiteral("198.19.1.26"));
    }
  }

  @Test
  void answerIsKeptAsLongAsItMayAndForOnePod() throws Exception {
    try (DnsServer server = resolver(mesh.server(), Told.kept(LONG, ELSEWHERE))) {
      assertThat(askServer(mesh.client(), "kept.example").addresses()).containsExactly(ELSEWHERE);
      long heard = server.datagrams("kept");
      for (int i = 0; i < 3; i++) {
        DnsQuery.Reply reply = askServer(mesh.client(), "kept.example");
        assertThat(reply.addresses()).containsExactly(ELSEWHERE);
        assertThat(reply.seconds()).isBetween(1, LONG);
      }
      assertThat(server.datagrams("kept")).isEqualTo(heard);
      assertThat(askServer(mesh.neighbour(), "kept.example").addresses())
          .containsExactly(ELSEWHERE);
      assertThat(server.datagrams("kept")).isGreaterThan(heard);
    }
  }

  @Test
  void answerThatMayNotBeKeptIsAskedForAgain() throws Exception {
    try (DnsServer server = resolver(mesh.server(), Told.once(List.of(ELSEWHERE)))) {
      assertThat(askServer(mesh.client(), "fresh.example").addresses()).containsExactly(ELSEWHERE);
      long heard = server.datagrams("fresh");
      assertThat(askServer(mesh.client(), "fresh.example").addresses()).containsExactly(ELSEWHERE);
      assertThat(server.datagrams("fresh")).isGreaterThan(heard);
    }
  }

  @Test
  void absenceIsKeptWhereTheSoaSaysSo() throws Exception {
    try (DnsServer server =
        mesh.server().resolve(name -> Told.missing(name.equals("absent") ? LONG : 0))) {
      assertThat(askServer(mesh.client(), "absent.example").code()).isEqualTo(NXDOMAIN);
      long heard = server.datagrams("absent");
      long others = 0;
      for (int i = 0; i < 3; i++) {
        assertThat(askServer(mesh.client(), "absent.example").code()).isEqualTo(NXDOMAIN);
        assertThat(askServer(mesh.client(), "unsaid.example").code()).isEqualTo(NXDOMAIN);
        assertThat(server.datagrams("unsaid")).isGreaterThan(others);
        others = server.datagrams("unsaid");
      }
      assertThat(server.datagrams("absent")).isEqualTo(heard);
    }
  }

  @Test
  void resolverThatRefusesIsReplacedByTheNodes() throws Exception {
    try (DnsServer asked = resolver(mesh.server(), Told.refused());
        DnsServer _ = resolver(mesh.uncapturedServer(), Told.once(List.of(INSTEAD)))) {
      assertThat(askServer(mesh.client(), "refused.example").addresses()).containsExactly(INSTEAD);
      assertThat(asked.datagrams("refused")).isPositive();
    }
  }

  @Test
  void resolverThatIsNotThereIsReplacedByTheNodes() throws Exception {
    try (DnsServer _ = resolver(mesh.uncapturedServer(), Told.once(List.of(INSTEAD)))) {
      assertThat(askServer(mesh.client(), "gone.example").addresses()).containsExactly(INSTEAD);
    }
  }

  @Test
  void largeAnswerIsWholeForWhoTakesIt() throws Exception {
    List<InetAddress> many = Collections.nCopies(100, ELSEWHERE);
    try (DnsServer _ = resolver(mesh.server(), Told.once(many))) {
      DnsQuery taken = new DnsQuery(2, "vast.example", DnsQuery.A, 4096);
      DnsQuery.Reply reply = ask(mesh.client(), at(mesh.server()), taken);
      assertThat(reply.truncated()).isFalse();
      assertThat(reply.addresses()).hasSize(100);
      assertThat(reply.edns()).isTrue();
      assertThat(askServer(mesh.client(), "vast.example").truncated()).isTrue();
    }
  }

  private static DnsServer resolver(MeshPod pod, Told told) throws IOException {
    return pod.resolve(_ -> told);
  }

  private boolean isTold(String name, String address) throws IOException {
    return isTold(mesh.client(), name, address);
  }

  private static boolean isTold(MeshPod pod, String name, String address) throws IOException {
    return ask(pod, name).addresses().equals(List.of(InetAddress.ofLiteral(address)));
  }

  /** Asks a resolver that does not exist: only the mesh or the node's can answer. */
  private static DnsQuery.Reply ask(MeshPod pod, String name) throws IOException {
    return ask(pod, Mesh.RESOLVER_V4, new DnsQuery(3, name, DnsQuery.A));
  }

  private List<InetAddress> askNodes(MeshPod pod, String name) throws IOException {
    return ask(pod, at(mesh.uncapturedServer()), new DnsQuery(5, name, DnsQuery.A)).addresses();
  }

  private DnsQuery.Reply askServer(MeshPod pod, String name) throws IOException {
    return ask(pod, at(mesh.server()), new DnsQuery(4, name, DnsQuery.A));
  }

  private static InetSocketAddress at(MeshPod resolver) {
    return resolver.at(DnsServer.PORT);
  }

  static DnsQuery.Reply ask(MeshPod pod, InetSocketAddress resolver, DnsQuery query)
      throws IOException {
    try (DatagramChannel socket = pod.udp(INET)) {
      socket.send(query.packet(), resolver);
      ByteBuffer answer = ByteBuffer.allocate(8192);
      assertThat(socket.receive(answer)).isEqualTo(resolver);
      return query.reply(answer.flip());
    }
  }

  private static String entry(String namespace, String host, String address) {
    return """
    ---
    apiVersion: networking.istio.io/v1
    kind: ServiceEntry
    metadata: {name: "%s", namespace: %s}
    spec:
      hosts: ["%s"]
      resolution: STATIC
      ports: [{number: 80, name: tcp, protocol: TCP}]
      addresses: [%s]
    """
        .formatted(host.replace("*", "any"), namespace, host, address);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** What an address means: a service's, which of several, an endpoint's outside, or nobody's. */
abstract class AddressScenarios {
  private static final String FILE = "addresses.yaml";
  private static final int PORT = 8510;

  private final Mesh mesh;

  AddressScenarios(Mesh mesh) {
    this.mesh = mesh;
  }

  @AfterEach
  void withdraw() throws IOException {
    mesh.withdraw(FILE);
  }

  @Test
  void sameAddressInTwoNamespacesMeansTheOwnOne() throws Exception {
    InetSocketAddress shared = new InetSocketAddress("198.19.1.9", 80);
    mesh.apply(FILE, overlapping("mesh", "server") + overlapping("other", "stranger"));
    mesh.client().awaitService("overlapping.other.svc.cluster.local");
    try (MeshPod stranger = mesh.addPodOf("other", Mesh.NODE_1, "stranger");
        AppServer _ = mesh.server().serve(PORT, Services.greet("s"));
        AppServer _ = stranger.serve(PORT, Services.greet("o"))) {
      Await.until("one is the client's", () -> Greetings.of(mesh.client(), shared).equals("s"));
      Await.until("one is the stranger's", () -> Greetings.of(stranger, shared).equals("o"));
      assertThat(Greetings.of(mesh.client(), shared)).isEqualTo("s");
    }
  }

  private static String overlapping(String namespace, String app) {
    return """
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: overlapping, namespace: %s}
    spec:
      clusterIP: 198.19.1.9
      selector: {app: %s}
      ports: [{name: tcp, port: 80, targetPort: %d}]
    """
        .formatted(namespace, app, PORT);
  }

  @Test
  void longestPrefixOfTheRangesWins() throws Exception {
    try (MeshPod wide = mesh.addHost(Mesh.NODE_2, "wide");
        MeshPod narrow = mesh.addHost(Mesh.NODE_2, "narrow");
        AppServer _ = wide.serve(PORT, Services.greet("w"));
        AppServer _ = narrow.serve(PORT, Services.greet("n"))) {
      mesh.apply(
          FILE,
          entry("wide", "198.19.64.0/18", "STATIC", endpoint(wide))
              + entry("narrow", "198.19.64.0/24", "STATIC", endpoint(narrow)));
      mesh.client().awaitService("narrow.example");
      Await.until("the narrow one is known", () -> answers("198.19.64.7").equals("n"));
      assertThat(answers("198.19.64.255")).isEqualTo("n");
      assertThat(answers("198.19.65.0")).isEqualTo("w");
      assertThat(answers("198.19.127.255")).isEqualTo("w");
    }
  }

  @Test
  void addressOfItsOwnGoesBeforeARange() throws Exception {
    try (MeshPod wide = mesh.addHost(Mesh.NODE_2, "wide");
        AppServer _ = wide.serve(PORT, Services.greet("w"));
        AppServer _ = mesh.server().serve(PORT, Services.greet("s"))) {
      mesh.apply(
          FILE,
          overlapping("mesh", "server") + entry("wide", "198.19.1.8/30", "STATIC", endpoint(wide)));
      mesh.client().awaitService("wide.example");
      mesh.client().awaitService("overlapping.mesh.svc.cluster.local");
      Await.until("the range is known", () -> answers("198.19.1.10").equals("w"));
      Await.until("its one address is another's", () -> answers("198.19.1.9").equals("s"));
    }
  }

  @Test
  void rangeOfTheOwnNamespaceGoesBeforeALongerOneOfAnother() throws Exception {
    try (MeshPod wide = mesh.addHost(Mesh.NODE_2, "wide");
        MeshPod narrow = mesh.addHost(Mesh.NODE_2, "narrow");
        MeshPod stranger = mesh.addPodOf("other", Mesh.NODE_1, "stranger");
        AppServer _ = wide.serve(PORT, Services.greet("w"));
        AppServer _ = narrow.serve(PORT, Services.greet("n"))) {
      mesh.apply(
          FILE,
          entry("wide", "198.19.64.0/18", "STATIC", endpoint(wide))
              + entry("narrow", "198.19.64.0/24", "STATIC", endpoint(narrow))
                  .replace("namespace: mesh", "namespace: other"));
      mesh.client().awaitService("wide.example");
      mesh.client().awaitService("narrow.example");
      InetSocketAddress both = new InetSocketAddress("198.19.64.7", 80);
      Await.until("the stranger's is the narrow", () -> Greetings.of(stranger, both).equals("n"));
      Await.until("the client's is the wide", () -> answers("198.19.64.7").equals("w"));
    }
  }

  /** Of two entries for one host the older is canonical; by their names the younger went first. */
  @Test
  void canonicalOneGoesFirstWhereNoneIsOfTheOwnNamespace() throws Exception {
    try (MeshPod older = mesh.addHost(Mesh.NODE_2, "older");
        MeshPod younger = mesh.addHost(Mesh.NODE_2, "younger");
        AppServer _ = older.serve(PORT, Services.greet("o"));
        AppServer _ = younger.serve(PORT, Services.greet("y"))) {
      mesh.apply(
          FILE,
          dated(older, "zz", "2026-01-01T00:00:00Z")
              + dated(younger, "aa", "2026-02-01T00:00:00Z"));
      mesh.client().awaitService("shared.example");
      Await.until("the older answers", () -> answers("198.19.1.11").equals("o"));
      mesh.apply(
          FILE,
          dated(older, "zz", "2026-03-01T00:00:00Z")
              + dated(younger, "aa", "2026-02-01T00:00:00Z"));
      Await.until("the other is the older now", () -> answers("198.19.1.11").equals("y"));
    }
  }

  private static String dated(MeshPod host, String namespace, String created) {
    return entry("shared", "198.19.1.11", "STATIC", endpoint(host))
        .replace(
            "namespace: mesh}",
            "namespace: %s, creationTimestamp: %s}".formatted(namespace, created));
  }

  @Test
  void serviceThatOnlyItsNamespaceSeesIsNobodysElsewhere() throws Exception {
    try (MeshPod host = mesh.addHost(Mesh.NODE_2, "hidden");
        MeshPod stranger = mesh.addPodOf("other", Mesh.NODE_1, "stranger");
        AppServer _ = host.serve(PORT, Services.greet("h"))) {
      mesh.apply(
          FILE,
          entry("hidden", "198.19.1.12", "STATIC", endpoint(host) + "\n  exportTo: [\".\"]")
              + entry("shown", "198.19.1.15", "STATIC", endpoint(host)));
      mesh.client().awaitService("hidden.example");
      Await.until("its own namespace is served", () -> answers("198.19.1.12").equals("h"));
      InetSocketAddress shown = new InetSocketAddress("198.19.1.15", 80);
      Await.until("others see the other", () -> Greetings.of(stranger, shown).equals("h"));
      InetSocketAddress hidden = new InetSocketAddress("198.19.1.12", 80);
      assertThat(Greetings.of(stranger, hidden)).isEqualTo(Greetings.NOBODY);
    }
  }

  @Test
  void endpointThatHasANameIsLookedUp() throws Exception {
    String name = "named-%d.example".formatted(mesh.nextPort());
    try (MeshPod host = mesh.addHost(Mesh.NODE_2, "named");
        AppServer app = host.serve(PORT, Services.greet("n"))) {
      mesh.processes().addHostName(name, host.v4());
      mesh.apply(
          FILE, entry("named", "198.19.1.13", "DNS", "endpoints: [{address: %s}]".formatted(name)));
      mesh.client().awaitService("named.example");
      Await.until("it is known", () -> answers("198.19.1.13").equals("n"));
      assertThat(app.nextPeer().getAddress()).isEqualTo(mesh.client().v4());
      String line = " dst.addr=%s:%d dst.service=\"named.example\" ".formatted(name, PORT);
      Path log = mesh.client().ztunnelLog();
      Await.until("the log names both", () -> Files.readString(log).contains(line));
      assertThat(mesh.client().askZtunnel(15020, "/metrics"))
          .contains("istio_on_demand_dns_total{");
    }
  }

  @Test
  void endpointWhoseNameNobodyKnowsRefuses() throws Exception {
    mesh.apply(
        FILE, entry("nameless", "198.19.1.14", "DNS", "endpoints: [{address: nobody.invalid}]"));
    mesh.client().awaitService("nameless.example");
    Await.until(
        "it is refused, and the log names the endpoint",
        () ->
            answers("198.19.1.14").equals(Greetings.NOBODY)
                && Files.readString(mesh.client().ztunnelLog())
                    .contains("endpoint nobody.invalid"));
  }

  @Test
  void endpointOutsideIsReachedFromThePodsOwnAddress() throws Exception {
    try (MeshPod host = mesh.addHost(Mesh.NODE_2, "outside");
        AppServer app = host.serve(PORT, Services.greet("o"))) {
      mesh.apply(FILE, entry("outside", "198.19.1.10", "STATIC", endpoint(host)));
      mesh.client().awaitService("outside.example");
      Await.until("it is known", () -> answers("198.19.1.10").equals("o"));
      assertThat(app.nextPeer().getAddress()).isEqualTo(mesh.client().v4());
      awaitLine("dst.service=\"outside.example\"", host.at(PORT));
    }
  }

  @Test
  void connectionToARangeWithoutEndpointsGoesWhereItWasOpenedTo() throws Exception {
    try (MeshPod host = mesh.addHost(Mesh.NODE_2, "partner");
        AppServer app = host.serve(80, Services.greet("p"))) {
      InetAddress ip = host.v4();
      mesh.apply(FILE, entry("partner", ip.getHostAddress() + "/31", "NONE", ""));
      Await.until(
          "the connection is told as the service's",
          () -> {
            assertThat(answers(ip.getHostAddress())).isEqualTo("p");
            return hasLine("dst.service=\"partner.example\"", host.at(80));
          });
      assertThat(app.nextPeer().getAddress()).isEqualTo(mesh.client().v4());
    }
  }

  @Test
  void unknownDestinationIsPassedThroughAsItIs() throws Exception {
    try (MeshPod host = mesh.addHost(Mesh.NODE_2, "unknown");
        AppServer app = host.serve(PORT, Services.echo());
        AppConnection connection = mesh.client().connect(host.at(PORT))) {
      assertThat(connection.echo("as it is")).isEqualTo("as it is");
      assertThat(connection.peer()).isEqualTo(host.at(PORT));
      assertThat(app.nextPeer().getAddress()).isEqualTo(mesh.client().v4());
    }
  }

  private String answers(String address) {
    return Greetings.of(mesh.client(), new InetSocketAddress(address, 80));
  }

  private void awaitLine(String field, InetSocketAddress destination) throws Exception {
    Await.until("a line with " + field, () -> hasLine(field, destination));
  }

  private boolean hasLine(String field, InetSocketAddress destination) throws IOException {
    String address =
        " dst.addr=%s:%d "
            .formatted(destination.getAddress().getHostAddress(), destination.getPort());
    return Files.readAllLines(mesh.client().ztunnelLog()).stream()
        .anyMatch(line -> line.contains(address) && line.contains(field));
  }

  private static String endpoint(MeshPod host) {
    return "endpoints: [{address: %s}]".formatted(host.v4().getHostAddress());
  }

  private static String entry(String name, String range, String resolution, String endpoints) {
    return """
    ---
    apiVersion: networking.istio.io/v1
    kind: ServiceEntry
    metadata: {name: %s, namespace: mesh}
    spec:
      hosts: [%s.example]
      addresses: [%s]
      resolution: %s
      ports: [{number: 80, name: tcp, protocol: TCP%s}]
      %s
    """
        .formatted(
            name,
            name,
            range,
            resolution,
            endpoints.isEmpty() ? "" : ", targetPort: " + PORT,
            endpoints);
  }
}

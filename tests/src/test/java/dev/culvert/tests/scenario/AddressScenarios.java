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

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static java.net.StandardProtocolFamily.INET;
import static java.net.StandardProtocolFamily.INET6;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProtocolFamily;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Who reaches whom, over which road, and what both apps see of each other. */
abstract class RouteScenarios {
  private final Mesh mesh;

  RouteScenarios(Mesh mesh) {
    this.mesh = mesh;
  }

  @Test
  void crossNodeCaptured() throws Exception {
    assertThat(sourceSeen(INET, mesh.client(), mesh.server(), mesh.server().v4()))
        .contains(mesh.client().identity());
  }

  @Test
  void crossNodeCapturedFromV4MappedSocket() throws Exception {
    assertThat(sourceSeen(INET6, mesh.client(), mesh.server(), mesh.server().v4()))
        .contains(mesh.client().identity());
  }

  @Test
  void crossNodeCapturedOverIpv6() throws Exception {
    assertThat(sourceSeen(INET6, mesh.client(), mesh.server(), mesh.server().v6()))
        .contains(mesh.client().identity());
  }

  @Test
  void podsThatHaveOnlyIpv6() throws Exception {
    assertThat(
            sourceSeen(
                INET6, mesh.clientWithoutV4(), mesh.serverWithoutV4(), mesh.serverWithoutV4().v6()))
        .contains(mesh.clientWithoutV4().identity());
  }

  @Test
  void sameNodeCaptured() throws Exception {
    assertThat(sourceSeen(INET, mesh.client(), mesh.neighbour(), mesh.neighbour().v4()))
        .contains(mesh.client().identity());
  }

  @Test
  void podToItself() throws Exception {
    MeshPod pod = mesh.server();
    try (AppServer server = pod.serve(8081, Services.echo());
        AppConnection app = pod.connect(INET, new InetSocketAddress(pod.v4(), 8081))) {
      assertThat(app.echo("to myself")).isEqualTo("to myself");
      assertThat(server.nextPeer().getAddress()).isEqualTo(pod.v4());
    }
  }

  @Test
  void uncapturedClientToCapturedServer() throws Exception {
    assertThat(sourceSeen(INET, mesh.outsider(), mesh.server(), mesh.server().v4())).isEmpty();
  }

  @Test
  void uncapturedClientToCapturedServerOverIpv6() throws Exception {
    assertThat(sourceSeen(INET6, mesh.outsider(), mesh.server(), mesh.server().v6())).isEmpty();
  }

  @Test
  void capturedClientToUncapturedServer() throws Exception {
    MeshPod plain = mesh.uncapturedServer();
    try (AppServer server = plain.serve(8082, Services.echo());
        AppConnection app = mesh.client().connect(INET, plain.at(8082))) {
      assertThat(app.echo("out of the mesh")).isEqualTo("out of the mesh");
      assertThat(app.peer()).isEqualTo(plain.at(8082));
      assertThat(server.nextPeer().getAddress()).isEqualTo(mesh.client().v4());
    }
  }

  @Test
  void serviceAddressReachesItsPods() throws Exception {
    InetSocketAddress service = new InetSocketAddress(mesh.serviceAddress(), 80);
    try (AppServer server = mesh.server().serve(Mesh.SERVICE_TARGET_PORT, Services.echo());
        AppConnection app = mesh.client().connect(INET, service)) {
      assertThat(app.echo("by service")).isEqualTo("by service");
      assertThat(app.peer()).isEqualTo(service);
      assertThat(server.nextPeer().getAddress()).isEqualTo(mesh.client().v4());
    }
  }

  /**
   * Talks to the server, checks the addresses that both apps see, and tells whom its ztunnel logged
   * as the source.
   */
  private Optional<String> sourceSeen(
      ProtocolFamily family, MeshPod from, MeshPod to, InetAddress address) throws Exception {
    InetSocketAddress destination = new InetSocketAddress(address, mesh.nextPort());
    InetAddress own = address.equals(to.v6()) ? from.v6() : from.v4();
    return mesh.sourceIdentity(
        own, to, destination, () -> converse(family, from, own, to, destination));
  }

  private static String converse(
      ProtocolFamily family,
      MeshPod from,
      InetAddress own,
      MeshPod to,
      InetSocketAddress destination)
      throws IOException, InterruptedException {
    try (AppServer server = to.serve(destination.getPort(), Services.echo());
        AppConnection app = from.connect(family, destination)) {
      assertThat(app.echo("by way of culvert")).isEqualTo("by way of culvert");
      assertThat(app.peer()).isEqualTo(destination);
      assertThat(app.local().getAddress()).isEqualTo(own);
      assertThat(server.nextPeer().getAddress()).isEqualTo(own);
      app.finish();
      return app.receiveAll();
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.hostile.Asked;
import dev.culvert.tests.hostile.HboneServer;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import dev.culvert.tests.mesh.PodEdit;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * A service whose only pod is in another network: a tunnel to that network's gateway, which the
 * test plays, and in it a tunnel to the pod's own ztunnel.
 */
abstract class OtherNetworkScenarios {
  private static final String FILE = "other-network.yaml";
  private static final InetSocketAddress VIP = new InetSocketAddress("198.19.3.1", 80);
  private static final int HBONE = 15008;
  private static final int PORT = 8530;
  private static final String HOST = "\"far.mesh.svc.cluster.local\"";

  private final Mesh mesh;

  OtherNetworkScenarios(Mesh mesh) {
    this.mesh = mesh;
  }

  @AfterEach
  void withdraw() throws IOException {
    mesh.withdraw(FILE);
  }

  @Test
  void serviceOfAnotherNetworkThroughItsGateway() throws Exception {
    try (MeshPod far = mesh.addPod(Mesh.NODE_2, "far", true);
        MeshPod door = mesh.addHost(Mesh.NODE_2, "door");
        AppServer app = far.serve(PORT, Services.echo())) {
      mesh.describe(far, true, PodEdit.label("culvert.dev/network", "east"));
      mesh.apply(FILE, manifests(door));
      mesh.client().awaitService("far.mesh.svc.cluster.local");
      HboneServer gateway =
          HboneServer.forward(
              mesh.authority().issue(door.identity()), () -> door.connect(far.at(HBONE)));
      try (AppServer _ = door.serve(HBONE, gateway)) {
        Await.until("the far pod answers", this::echoes);
        app.forgetPeers();
        gateway.forget();
        try (AppConnection client = mesh.client().connect(VIP)) {
          assertThat(client.echo("from network to network")).isEqualTo("from network to network");
          Asked asked = gateway.next();
          assertThat(asked.authority()).isEqualTo("far.mesh.svc.cluster.local:80");
          assertThat(asked.client()).isEqualTo(mesh.client().identity());
          assertThat(asked.headers()).doesNotContainKey("x-forwarded-network");
        }
        Await.until("the line of the connection", () -> line(door, "outbound").isPresent());
        assertThat(line(door, "outbound").orElseThrow())
            .contains(
                " dst.service=" + HOST,
                " dst.workload=\"far\" dst.namespace=\"mesh\"",
                " dst.identity=\"" + far.identity() + "\"");
        awaitLineOfTheFarPod(far, door);
        assertThat(mesh.client().askZtunnel(15020, "/metrics"))
            .contains("destination_principal=\"" + far.identity() + "\"")
            .doesNotContain("destination_principal=\"" + door.identity() + "\"");
      }
    }
  }

  @Test
  void gatewayThatIsNotThereRefuses() throws Exception {
    try (MeshPod far = mesh.addPod(Mesh.NODE_2, "far", true);
        MeshPod door = mesh.addHost(Mesh.NODE_2, "door");
        AppServer app = far.serve(PORT, Services.echo())) {
      mesh.apply(FILE, manifests(door));
      mesh.client().awaitService("far.mesh.svc.cluster.local");
      Await.until("the pod answers while it is of this network", this::echoes);
      mesh.describe(far, true, PodEdit.label("culvert.dev/network", "west"));
      Await.until("no way leads to it", () -> !echoes());
      app.forgetPeers();
      assertThat(echoes()).isFalse();
      assertThat(app.waitingPeers()).isZero();
    }
  }

  private boolean echoes() {
    try (AppConnection connection = mesh.client().connect(VIP)) {
      return connection.echo("anybody?").equals("anybody?");
    } catch (IOException _) {
      return false;
    }
  }

  private Optional<String> line(MeshPod door, String direction) throws IOException {
    String hbone = " dst.hbone_addr=%s:15008 ".formatted(door.v4().getHostAddress());
    return Files.readAllLines(mesh.client().ztunnelLog()).stream()
        .filter(line -> line.contains("connection complete") && line.contains(hbone))
        .filter(line -> line.contains("direction=\"" + direction + "\""))
        .filter(line -> !line.contains("error="))
        .findFirst();
  }

  /** The address is the gateway's; who the client is its certificate says, and its own words. */
  private void awaitLineOfTheFarPod(MeshPod far, MeshPod door) throws Exception {
    String source = " src.addr=%s:".formatted(door.v4().getHostAddress());
    String client =
        " src.workload=\"client\" src.namespace=\"mesh\" src.identity=\"%s\" "
            .formatted(mesh.client().identity());
    Await.until(
        "a line with" + source + " and" + client,
        () ->
            Files.readAllLines(far.ztunnelLog()).stream()
                .anyMatch(
                    line ->
                        line.contains(source)
                            && line.contains(client)
                            && line.contains("direction=\"inbound\"")));
  }

  private static String manifests(MeshPod door) {
    return """
    apiVersion: gateway.networking.k8s.io/v1
    kind: Gateway
    metadata: {name: door, namespace: mesh, labels: {culvert.dev/network: east}}
    spec:
      gatewayClassName: culvert-remote
      addresses: [{value: %s}]
      listeners: [{name: cross-network, port: 15008, protocol: HBONE}]
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: far, namespace: mesh}
    spec:
      clusterIP: 198.19.3.1
      selector: {app: far}
      ports: [{name: tcp, port: 80, targetPort: %d}]
    """
        .formatted(door.v4().getHostAddress(), PORT);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.hostile.Answer;
import dev.culvert.tests.hostile.Asked;
import dev.culvert.tests.hostile.HbonePeer;
import dev.culvert.tests.hostile.HboneServer;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import dev.culvert.tests.mesh.PodEdit;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Connections that must go through a waypoint, which the test plays: what it is asked for, and that
 * nothing gets to the app around it.
 */
abstract class WaypointScenarios {
  private static final String WAYPOINT = "waypoint.yaml";
  private static final String SERVICE = "behind-waypoint.yaml";
  private static final String POLICY = "waypoint-only.yaml";
  private static final int HBONE = 15008;
  private static final int PORT = 8520;

  private final Mesh mesh;
  private final InetSocketAddress vip;
  private final String behind;
  private MeshPod pod;
  private AppServer app;

  WaypointScenarios(Mesh mesh) {
    this.mesh = mesh;
    this.vip = new InetSocketAddress(mesh.nextServiceAddress(), 80);
    this.behind = "behind-" + vip.getAddress().getHostAddress().replace('.', '-');
  }

  @BeforeEach
  void startAppAndWaypoint() throws IOException {
    app = mesh.server().serve(PORT, Services.echo());
    pod = mesh.addPodWithoutWaiting(Mesh.NODE_2, "waypoint", false);
    mesh.describe(pod, false, instance("waypoint"));
  }

  @AfterEach
  void meshIsAsItWas() throws Exception {
    try (AppServer _ = app;
        MeshPod _ = pod) {
      mesh.withdraw(SERVICE);
      mesh.withdraw(WAYPOINT);
      mesh.withdraw(POLICY);
      mesh.describe(mesh.server(), true);
      Await.until("the app is reached without a waypoint", () -> echoes(mesh.server().at(PORT)));
    }
  }

  @Test
  void waypointOfAServiceIsAskedForTheAddressOfTheService() throws Exception {
    mesh.apply(WAYPOINT, gateway("waypoint", "service", "198.19.2.9"));
    bind("waypoint", "");
    HboneServer waypoint = play();
    try (AppServer _ = pod.serve(HBONE, waypoint)) {
      Await.until("the waypoint answers", () -> echoes(vip) && waypoint.waiting() > 0);
      waypoint.forget();
      try (AppConnection client = mesh.client().connect(vip)) {
        assertThat(client.echo("through the waypoint")).isEqualTo("through the waypoint");
        assertThat(client.peer()).isEqualTo(vip);
        Asked asked = waypoint.next();
        assertThat(asked.headers()).containsEntry(":method", "CONNECT");
        assertThat(asked.headers()).doesNotContainKeys(":scheme", ":path", "x-forwarded-network");
        assertThat(asked.authority()).isEqualTo(vip.getAddress().getHostAddress() + ":80");
        assertThat(asked.client()).isEqualTo(mesh.client().identity());
        assertThat(asked.header("baggage").split(","))
            .contains("k8s.namespace.name=mesh", "k8s.pod.name=client", "service.name=client");
        assertThat(asked.header("forwarded"))
            .isEqualTo(
                "for=\"%s:%d\";host=%s.mesh.svc.cluster.local"
                    .formatted(
                        mesh.client().v4().getHostAddress(), client.local().getPort(), behind));
        assertThat(asked.header("traceparent")).matches("00-[0-9a-f]{32}-[0-9a-f]{16}-00");
        assertThat(asked.alpn()).isEqualTo("h2");
        assertThat(asked.serverName()).isEmpty();
      }
      assertThat(app.waitingPeers()).isZero();
    }
  }

  @Test
  void waypointOfAPodIsAskedForThePod() throws Exception {
    mesh.apply(WAYPOINT, gateway("waypoint", "workload", "198.19.2.9"));
    mesh.describe(mesh.server(), true, PodEdit.label("culvert.dev/use-waypoint", "waypoint"));
    HboneServer waypoint = play();
    InetSocketAddress target = mesh.server().at(PORT);
    try (AppServer _ = pod.serve(HBONE, waypoint)) {
      Await.until("the waypoint answers", () -> echoes(target) && waypoint.waiting() > 0);
      Asked asked = waypoint.next();
      assertThat(asked.authority())
          .isEqualTo("%s:%d".formatted(mesh.server().v4().getHostAddress(), PORT));
      assertThat(asked.client()).isEqualTo(mesh.client().identity());
      assertThat(asked.header("forwarded")).startsWith("for=").doesNotContain("host=");
    }
  }

  @Test
  void waypointThatIsNotThereRefuses() throws Exception {
    bind("none", "");
    Await.until("the service is reached without a waypoint", () -> echoes(vip));
    bind("absent", "");
    assertThat(mesh.processes().controlPlane().awaitLog("mesh/absent is not there"))
        .contains("Service mesh/" + behind);
    Await.until("the service is refused", () -> !echoes(vip));
    String refusal = "its waypoint mesh/absent.mesh.invalid:15008 has no ready endpoint";
    Await.until(
        "the log says why", () -> Files.readString(mesh.client().ztunnelLog()).contains(refusal));
    assertNobodyArrives();
  }

  @Test
  void waypointWithoutAReadyEndpointRefuses() throws Exception {
    mesh.apply(WAYPOINT, gateway("waypoint", "service", "198.19.2.9"));
    bind("waypoint", "");
    HboneServer waypoint = play();
    try (AppServer _ = pod.serve(HBONE, waypoint)) {
      Await.until("the waypoint answers", () -> echoes(vip) && waypoint.waiting() > 0);
      mesh.describe(pod, false, instance("waypoint"), PodEdit.unready());
      Await.until("the service is refused", () -> !echoes(vip));
      assertNobodyArrives();
    }
  }

  @Test
  void waypointThatProvesToBeAnotherIsNotTalkedTo() throws Exception {
    mesh.apply(WAYPOINT, gateway("waypoint", "service", "198.19.2.9"));
    bind("waypoint", "");
    HboneServer waypoint = play();
    try (AppServer _ = pod.serve(HBONE, waypoint)) {
      Await.until("the waypoint answers", () -> echoes(vip) && waypoint.waiting() > 0);
    }
    HboneServer impostor = HboneServer.echo(mesh.authority().issue(mesh.neighbour().identity()));
    try (AppServer _ = pod.serve(HBONE, impostor)) {
      assertThat(echoes(vip)).isFalse();
      assertThat(impostor.waiting()).isZero();
      assertNobodyArrives();
    }
  }

  @Test
  void waypointsShareConnectionsByWeight() throws Exception {
    try (MeshPod second = mesh.addPodWithoutWaiting(Mesh.NODE_2, "canary", false)) {
      mesh.describe(second, false, instance("canary"));
      mesh.apply(
          WAYPOINT,
          gateway("waypoint", "service", "198.19.2.9")
              + gateway("canary", "service", "198.19.2.10"));
      bind("waypoint", "25");
      HboneServer first = play();
      HboneServer canary = HboneServer.echo(mesh.authority().issue(second.identity()));
      try (AppServer _ = pod.serve(HBONE, first);
          AppServer _ = second.serve(HBONE, canary)) {
        Await.until("the canary answers", () -> echoes(vip) && canary.waiting() > 0);
        first.forget();
        canary.forget();
        for (int i = 0; i < 200; i++) {
          assertThat(echoes(vip)).isTrue();
        }
        // Of 200, 50 ± 6 are expected.
        assertThat(canary.waiting()).isBetween(15, 90);
        assertThat(first.waiting() + canary.waiting()).isEqualTo(200);
      }
    }
  }

  @Test
  void onlyTheWaypointMayEnterWhenPolicySaysSo() throws Exception {
    mesh.apply(
        POLICY,
        """
        apiVersion: policy.culvert.dev/v1alpha1
        kind: AuthorizationPolicy
        metadata: {name: waypoint-only, namespace: mesh}
        spec:
          selector: {matchLabels: {app: server}}
          rules:
          - from:
            - source: {principals: ["cluster.local/ns/mesh/sa/waypoint"]}
        """);
    Await.until("plaintext is refused", () -> !echoes(mesh.outsider(), mesh.server().at(PORT)));
    assertThat(tunnelled(mesh.client().identity())).isEqualTo(new Answer.Status(401));
    assertThat(tunnelled(pod.identity())).isEqualTo(new Answer.Status(200));
    app.forgetPeers();
  }

  /** What the server's proxy says to a tunnel from the waypoint's pod. */
  private Answer tunnelled(String identity) throws IOException {
    InetSocketAddress tunnel = mesh.server().at(HBONE);
    try (HbonePeer peer =
        HbonePeer.connect(pod.connect(tunnel).channel(), mesh.authority().issue(identity))) {
      return peer.attempt("%s:%d".formatted(mesh.server().v4().getHostAddress(), PORT));
    }
  }

  private HboneServer play() throws IOException {
    return HboneServer.echo(mesh.authority().issue(pod.identity()));
  }

  /** Whatever came before the change that refuses is forgotten; nothing comes after it. */
  private void assertNobodyArrives() {
    app.forgetPeers();
    assertThat(echoes(vip)).isFalse();
    assertThat(app.waitingPeers()).isZero();
  }

  private boolean echoes(InetSocketAddress to) {
    return echoes(mesh.client(), to);
  }

  private static boolean echoes(MeshPod from, InetSocketAddress to) {
    try (AppConnection connection = from.connect(to)) {
      return connection.echo("anybody?").equals("anybody?");
    } catch (IOException _) {
      return false;
    }
  }

  private static PodEdit instance(String gateway) {
    return PodEdit.label("gateway.networking.k8s.io/gateway-name", gateway);
  }

  private static String gateway(String name, String scope, String address) {
    return """
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: Gateway
    metadata: {name: %s, namespace: mesh, labels: {culvert.dev/waypoint-for: %s}}
    spec:
      gatewayClassName: culvert-waypoint
      listeners: [{name: mesh, port: 15008, protocol: HBONE}]
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: %s, namespace: mesh}
    spec:
      clusterIP: %s
      selector: {gateway.networking.k8s.io/gateway-name: %s}
      ports: [{name: mesh, port: 15008}]
    """
        .formatted(name, scope, name, address, name);
  }

  private void bind(String waypoint, String canaryWeight) throws IOException, InterruptedException {
    mesh.apply(SERVICE, service(waypoint, canaryWeight));
    mesh.client().awaitService(behind + ".mesh.svc.cluster.local");
  }

  private String service(String waypoint, String canaryWeight) {
    return """
    apiVersion: v1
    kind: Service
    metadata:
      name: %s
      namespace: mesh
      labels: {culvert.dev/use-waypoint: %s, culvert.dev/use-waypoint-canary: "%s"}
      annotations: {culvert.dev/use-waypoint-canary-weight: "%s"}
    spec:
      clusterIP: %s
      selector: {app: server}
      ports: [{name: tcp, port: 80, targetPort: %d}]
    """
        .formatted(
            behind,
            waypoint,
            canaryWeight.isEmpty() ? "" : "canary",
            canaryWeight,
            vip.getAddress().getHostAddress(),
            PORT);
  }
}

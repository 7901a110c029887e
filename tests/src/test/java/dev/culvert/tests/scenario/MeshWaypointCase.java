// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.HttpApp;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.hostile.Answer;
import dev.culvert.tests.hostile.HbonePeer;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import dev.culvert.tests.mesh.MeshProcess;
import dev.culvert.tests.mesh.PodEdit;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** A waypoint on a mesh, and two services of apps behind it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class MeshWaypointCase {
  private static final String SERVICES = "mesh-waypoint.yaml";
  static final String ROUTES = "mesh-waypoint-routes.yaml";
  static final String POLICY = "mesh-waypoint-policy.yaml";
  private static final int HBONE = 15008;
  static final int HTTP = 8601;
  private static final int TCP = 8602;

  MeshWaypointCase(Mesh mesh, String transport) {
    this.mesh = mesh;
    this.transport = transport;
  }

  private final Mesh mesh;
  private final String transport;
  InetSocketAddress shop;
  Visitor visitor;
  InetSocketAddress mail;
  MeshPod pod;
  MeshProcess waypoint;
  AppServer v1;
  AppServer v2;
  private AppServer greeter;

  @BeforeAll
  final void startAppsAndWaypoint() throws Exception {
    String vip = mesh.nextServiceAddress().getHostAddress();
    shop = new InetSocketAddress(vip, 80);
    visitor = new Visitor(mesh.client(), shop);
    mail = new InetSocketAddress(vip, 25);
    v1 = mesh.server().serve(HTTP, HttpApp.named("v1"));
    v2 = mesh.neighbour().serve(HTTP, HttpApp.named("v2"));
    greeter = mesh.server().serve(TCP, Services.greet("220 ready"));
    pod = mesh.addPodWithoutWaiting(Mesh.NODE_2, "way", false);
    mesh.describe(pod, false, PodEdit.label("gateway.networking.k8s.io/gateway-name", "way"));
    mesh.apply(SERVICES, services(vip));
    waypoint =
        mesh.processes().startWaypoint(pod, Map.of("transport", transport.replace('_', '-')));
    waypoint.awaitReady();
    Await.until("requests go through the waypoint", () -> visitor.asked("/").equals("v1"));
  }

  @AfterEach
  final void noRoutesAndPolicies() throws Exception {
    mesh.withdraw(ROUTES);
    mesh.withdraw(POLICY);
    Await.until("v1 answers everything", () -> visitor.asked("/none").equals("v1"));
  }

  @AfterAll
  final void withdraw() throws Exception {
    if (waypoint != null) {
      assertThat(waypoint.lab().terminate(java.time.Duration.ofSeconds(40))).isZero();
    }
    mesh.withdraw(SERVICES);
    v1.close();
    v2.close();
    greeter.close();
    pod.close();
  }

  final Answer tunnelled(String target) throws IOException {
    try (HbonePeer peer = peer()) {
      return peer.attempt(target);
    }
  }

  final HbonePeer peer() throws IOException {
    return HbonePeer.connect(
        mesh.outsider().connect(pod.at(HBONE)).channel(),
        mesh.authority().issue(mesh.client().identity()));
  }

  final void route(String rules) throws IOException {
    mesh.apply(
        ROUTES,
        """
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: producer, namespace: mesh}
        spec:
          parentRefs: [{group: "", kind: Service, name: shop, port: 80}]
          rules:
        """
            + rules);
  }

  private String services(String vip) {
    return Yaml.waypoint("way", mesh.nextServiceAddress(), "All")
        + """
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: shop, namespace: mesh, labels: {culvert.dev/use-waypoint: way}}
    spec:
      clusterIP: %s
      selector: {app: server}
      ports:
      - {name: http, port: 80, targetPort: %d}
      - {name: tcp-mail, port: 25, targetPort: %d}
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: shop-v2, namespace: mesh}
    spec:
      clusterIP: %s
      selector: {app: neighbour}
      ports: [{name: http, port: 80, targetPort: %d}]
    """
            .formatted(vip, HTTP, TCP, mesh.nextServiceAddress().getHostAddress(), HTTP);
  }
}

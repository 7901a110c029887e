// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.HttpApp;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import dev.culvert.tests.mesh.MeshProcess;
import dev.culvert.tests.mesh.PodEdit;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** A waypoint that has all it knows from the control plane, and a service that is bound to it. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ToldWaypointCase {
  private static final String SERVICES = "waypoint-discovery.yaml";
  private static final String BINDING = "waypoint-discovery-binding.yaml";
  static final String RULES = "waypoint-discovery-rules.yaml";
  static final String BROKEN = "waypoint-discovery-broken.yaml";
  static final String OTHERS = "waypoint-discovery-others.yaml";
  static final int OTHER_ROUTES = 1000;
  private static final int HTTP = 8611;

  ToldWaypointCase(Mesh mesh) {
    this.mesh = mesh;
  }

  private final Mesh mesh;
  InetSocketAddress shop;
  Visitor visitor;
  private MeshPod pod;
  MeshProcess waypoint;
  AppServer v1;
  AppServer v2;

  @BeforeAll
  final void startAppsAndWaypoint() throws Exception {
    shop = new InetSocketAddress(mesh.nextServiceAddress(), 80);
    visitor = new Visitor(mesh.client(), shop);
    v1 = mesh.server().serve(HTTP, HttpApp.named("v1"));
    v2 = mesh.neighbour().serve(HTTP, HttpApp.named("v2"));
    pod = mesh.addPodWithoutWaiting(Mesh.NODE_2, "told", false);
    mesh.describe(pod, false, PodEdit.label("gateway.networking.k8s.io/gateway-name", "told"));
    mesh.apply(
        SERVICES,
        Yaml.waypoint("told", mesh.nextServiceAddress(), "Same")
            + Yaml.service("told-shop-v2", mesh.nextServiceAddress(), "neighbour", "http", HTTP));
    bind("told");
    waypoint = mesh.processes().startWaypoint(pod, Map.of());
    waypoint.awaitReady();
    Await.until("requests go through the waypoint", () -> visitor.asked("/").equals("v1"));
  }

  @AfterEach
  final void everythingRunsWithoutRules() throws Exception {
    mesh.withdraw(RULES);
    mesh.withdraw(BROKEN);
    mesh.withdraw(OTHERS);
    bind("told");
    Await.until("nothing is refused", () -> visitor.status("/root") == 200);
    Await.until("v1 answers everything", () -> visitor.asked("/admin").equals("v1"));
  }

  @AfterAll
  final void withdraw() throws Exception {
    if (waypoint != null) {
      assertThat(waypoint.lab().terminate(Duration.ofSeconds(40))).isZero();
    }
    mesh.withdraw(BINDING);
    mesh.withdraw(SERVICES);
    v1.close();
    v2.close();
    pod.close();
  }

  static String otherRoutes() {
    StringBuilder yaml = new StringBuilder();
    for (int i = 0; i < OTHER_ROUTES; i++) {
      yaml.append(
          """
          ---
          apiVersion: gateway.networking.k8s.io/v1
          kind: HTTPRoute
          metadata: {name: other-%1$d, namespace: mesh}
          spec:
            parentRefs: [{group: "", kind: Service, name: told-shop}]
            rules:
            - matches: [{path: {value: /other/%1$d}}]
              backendRefs: [{name: told-shop-v2, port: 80}]
          """
              .formatted(i));
    }
    return yaml.toString();
  }

  static String policy(String path) {
    return """
    ---
    apiVersion: policy.culvert.dev/v1alpha1
    kind: AuthorizationPolicy
    metadata: {name: told, namespace: mesh}
    spec:
      targetRefs: [{group: "", kind: Service, name: told-shop}]
      action: DENY
      rules: [{to: [{operation: {paths: ["%s"]}}]}]
    """
        .formatted(path);
  }

  static String route(String backend) {
    return """
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: told, namespace: mesh}
    spec:
      parentRefs: [{group: "", kind: Service, name: told-shop}]
      rules: [{backendRefs: [{name: told-%s, port: 80}]}]
    """
        .formatted(backend);
  }

  final void bind(String waypoint) throws IOException {
    mesh.apply(
        BINDING,
        Yaml.service("told-shop", shop.getAddress(), "server", "http", HTTP)
            .replace("namespace: mesh}", "namespace: mesh, labels: {culvert.dev/use-waypoint: %s}}")
            .formatted(waypoint));
  }
}

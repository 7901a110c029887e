// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.HttpsApp;
import dev.culvert.tests.app.HttpsClient;
import dev.culvert.tests.app.Services;
import dev.culvert.tests.hostile.CertificateAuthority;
import dev.culvert.tests.hostile.PeerCertificate;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import dev.culvert.tests.mesh.MeshProcess;
import dev.culvert.tests.mesh.MeshProcesses;
import dev.culvert.tests.mesh.PodEdit;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;
import javax.net.ssl.SSLContext;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** Two services of mail and of secrets, of which the first goes through a waypoint. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class RoutedServiceScenarios {
  private static final String SERVICES = "routed.yaml";
  private static final String ROUTES = "routed-routes.yaml";
  private static final String POLICY = "routed-policy.yaml";
  private static final int MAIL = 8631;
  static final int SECRET = 8632;

  private final Mesh mesh;
  private String services;
  final CertificateAuthority authority = CertificateAuthority.alone();
  InetSocketAddress mail;
  InetSocketAddress vault;
  InetSocketAddress web;
  MeshPod pod;
  MeshProcess waypoint;
  AppServer first;
  AppServer second;
  AppServer firstVault;
  AppServer secondVault;

  RoutedServiceScenarios(Mesh mesh) {
    this.mesh = mesh;
  }

  @BeforeAll
  void startAppsAndWaypoint() throws Exception {
    String vip = mesh.nextServiceAddress().getHostAddress();
    services = services(vip);
    mail = new InetSocketAddress(vip, 25);
    vault = new InetSocketAddress(vip, 443);
    web = new InetSocketAddress(vip, 80);
    PeerCertificate names = authority.issueServer("*.vault.internal");
    SSLContext context = PeerCertificate.context(() -> names, () -> {});
    first = mesh.server().serve(MAIL, Services.greet("220 one"));
    second = mesh.neighbour().serve(MAIL, Services.greet("220 two"));
    firstVault = mesh.server().serve(SECRET, HttpsApp.named("one", context));
    secondVault = mesh.neighbour().serve(SECRET, HttpsApp.named("two", context));
    pod = mesh.addPodWithoutWaiting(Mesh.NODE_2, "road", false);
    mesh.describe(pod, false, PodEdit.label("gateway.networking.k8s.io/gateway-name", "road"));
    mesh.apply(SERVICES, services);
    waypoint = mesh.processes().startWaypoint(pod, MeshProcesses.SHORT_IDLE);
    waypoint.awaitReady();
    awaitOwn();
  }

  @AfterEach
  void noRoutesAndPolicies() throws Exception {
    mesh.apply(SERVICES, services);
    mesh.withdraw(ROUTES);
    mesh.withdraw(POLICY);
    awaitOwn();
  }

  private void awaitOwn() throws InterruptedException {
    Await.until(
        "the service's own servers answer",
        () -> greeted(mesh.client()).equals("220 one") && opened("a.vault.internal").equals("one"));
  }

  @AfterAll
  void withdraw() throws Exception {
    if (waypoint != null) {
      assertThat(waypoint.lab().terminate(Duration.ofSeconds(40))).isZero();
    }
    mesh.withdraw(SERVICES);
    for (AppServer app : List.of(first, second, firstVault, secondVault)) {
      app.close();
    }
    pod.close();
  }

  /** Until the next test. */
  final void renamePort(String from, String to) throws IOException {
    mesh.apply(SERVICES, services.replace("name: " + from, "name: " + to));
  }

  final void route(String routes) throws IOException {
    mesh.apply(ROUTES, routes);
  }

  final void policy(String policy) throws IOException {
    mesh.apply(POLICY, policy);
  }

  /** What the mail server says first; empty when there is none. */
  final String greeted(MeshPod from) {
    try (AppConnection client = from.connect(mail)) {
      return client.receive("220 one".length());
    } catch (IOException e) {
      return "";
    }
  }

  /** The name of the server that proves a name at the vault; empty when none does. */
  final String opened(String name) {
    return opened(vault, name);
  }

  /** The same at another address. */
  final String opened(InetSocketAddress at, String name) {
    try (AppConnection client = mesh.client().connect(at);
        HttpsClient https = HttpsClient.open(client, name, authority.root())) {
      return https.get("/").body().lines().findFirst().orElse("");
    } catch (IOException e) {
      return "";
    }
  }

  private String services(String vip) {
    return Yaml.waypoint("road", mesh.nextServiceAddress(), "All")
        + """
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: post, namespace: mesh, labels: {culvert.dev/use-waypoint: road}}
    spec:
      clusterIP: %3$s
      selector: {app: server}
      ports:
      - {name: tcp-mail, port: 25, targetPort: %1$d}
      - {name: tls, port: 443, targetPort: %2$d}
      - {name: http, port: 80, targetPort: %2$d}
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: post-2, namespace: mesh}
    spec:
      clusterIP: %4$s
      selector: {app: neighbour}
      ports:
      - {name: tcp-mail, port: 25, targetPort: %1$d}
      - {name: tls, port: 443, targetPort: %2$d}
      - {name: http, port: 80, targetPort: %2$d}
    """
            .formatted(MAIL, SECRET, vip, mesh.nextServiceAddress().getHostAddress());
  }
}

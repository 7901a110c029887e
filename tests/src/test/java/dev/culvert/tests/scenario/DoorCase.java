// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.HttpApp;
import dev.culvert.tests.app.HttpsClient;
import dev.culvert.tests.hostile.CertificateAuthority;
import dev.culvert.tests.hostile.PeerCertificate;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import dev.culvert.tests.mesh.MeshProcess;
import dev.culvert.tests.mesh.MeshProcesses;
import dev.culvert.tests.mesh.PodEdit;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;

/** A front door, two apps behind it, and clients outside of the mesh. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class DoorCase {
  static final String HOST = "shop.example";
  private static final String SERVICES = "door-services.yaml";
  static final String DOOR = "door.yaml";
  static final String ROUTES = "door-routes.yaml";
  static final String SECRET = "door-secret.yaml";
  static final String RULES = "door-rules.yaml";
  static final int APP = 8621;
  static final int HTTP = 80;
  private static final int HTTPS = 443;

  DoorCase(Mesh mesh) {
    this.mesh = mesh;
  }

  private final Mesh mesh;
  final CertificateAuthority authority = CertificateAuthority.alone();
  MeshPod pod;
  Visitor visitor;
  MeshProcess gateway;
  AppServer v1;
  AppServer v2;

  @BeforeAll
  final void startAppsAndDoor() throws Exception {
    v1 = mesh.server().serve(APP, HttpApp.named("v1"));
    v2 = mesh.neighbour().serve(APP, HttpApp.named("v2"));
    pod = mesh.addPodWithoutWaiting(Mesh.NODE_2, "door", false);
    visitor = new Visitor(mesh.outsider(), pod.at(HTTP));
    mesh.describe(pod, false, PodEdit.label("gateway.networking.k8s.io/gateway-name", "door"));
    mesh.apply(
        SERVICES,
        Yaml.service("door-v1", mesh.nextServiceAddress(), "server", "http", APP)
            + Yaml.service("door-v2", mesh.nextServiceAddress(), "neighbour", "http", APP));
    standard();
    gateway = mesh.processes().startGateway(pod, MeshProcesses.SHORT_IDLE);
    gateway.awaitReady();
    Await.until("the door is open", () -> visitor.asked("/").equals("v1"));
  }

  @AfterEach
  final void standard() throws Exception {
    mesh.withdraw(RULES);
    mesh.apply(DOOR, door());
    mesh.apply(ROUTES, route("door-v1"));
    rotate();
    if (gateway != null) {
      Await.until("v1 answers everything", () -> visitor.asked("/admin").equals("v1"));
    }
  }

  @AfterAll
  final void withdraw() throws Exception {
    if (gateway != null) {
      assertThat(gateway.lab().terminate(Duration.ofSeconds(40))).isZero();
    }
    for (String file : List.of(RULES, ROUTES, SECRET, DOOR, SERVICES)) {
      mesh.withdraw(file);
    }
    v1.close();
    v2.close();
    pod.close();
  }

  final HttpsClient https() throws IOException {
    AppConnection connection = mesh.outsider().connect(pod.at(HTTPS));
    try {
      return HttpsClient.open(connection, HOST, authority.root());
    } catch (IOException e) {
      connection.close();
      throw e;
    }
  }

  /** The serial number of the certificate that is shown now; zero for none. */
  final BigInteger shown() {
    try (HttpsClient client = https()) {
      return client.serial();
    } catch (IOException e) {
      return BigInteger.ZERO;
    }
  }

  /** Puts another certificate in place, and tells its serial number. */
  final BigInteger rotate() throws IOException {
    PeerCertificate next = authority.issueServer(HOST);
    mesh.apply(SECRET, Yaml.secret("door-tls", next));
    return next.leaf().getSerialNumber();
  }

  static String door() {
    return """
    apiVersion: gateway.networking.k8s.io/v1
    kind: Gateway
    metadata: {name: door, namespace: mesh}
    spec:
      gatewayClassName: culvert-gateway
      listeners:
        - {name: http, port: %d, protocol: HTTP}
        - name: https
          port: %d
          protocol: HTTPS
          hostname: %s
          tls: {certificateRefs: [{name: door-tls}]}
    """
        .formatted(HTTP, HTTPS, HOST);
  }

  static String route(String backend) {
    return """
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: door, namespace: mesh}
    spec:
      parentRefs: [{name: door}]
      rules: [{backendRefs: [{name: %s, port: 80}]}]
    """
        .formatted(backend);
  }

  static String policy(String field) {
    return """
    apiVersion: policy.culvert.dev/v1alpha1
    kind: AuthorizationPolicy
    metadata: {name: door, namespace: mesh}
    spec:
      targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: door}]
      action: DENY
      rules: [{to: [{operation: {%s: ["/admin*"]}}]}]
    """
        .formatted(field);
  }
}

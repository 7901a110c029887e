// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.HttpApp;
import dev.culvert.tests.app.HttpApp.Message;
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
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A front door that the control plane tells everything, between clients outside and the mesh. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class GatewayScenarios {
  private static final String HOST = "shop.example";
  private static final String SERVICES = "door-services.yaml";
  private static final String DOOR = "door.yaml";
  private static final String ROUTES = "door-routes.yaml";
  private static final String SECRET = "door-secret.yaml";
  private static final String RULES = "door-rules.yaml";
  private static final int APP = 8621;
  private static final int HTTP = 80;
  private static final int HTTPS = 443;

  private final Mesh mesh;
  private final CertificateAuthority authority = CertificateAuthority.alone();
  private MeshPod pod;
  private MeshProcess gateway;
  private AppServer v1;
  private AppServer v2;

  GatewayScenarios(Mesh mesh) {
    this.mesh = mesh;
  }

  @BeforeAll
  void startAppsAndDoor() throws Exception {
    v1 = mesh.server().serve(APP, HttpApp.named("v1"));
    v2 = mesh.neighbour().serve(APP, HttpApp.named("v2"));
    pod = mesh.addPodWithoutWaiting(Mesh.NODE_2, "door", false);
    mesh.describe(pod, false, PodEdit.label("gateway.networking.k8s.io/gateway-name", "door"));
    mesh.apply(SERVICES, service("door-v1", "server") + service("door-v2", "neighbour"));
    standard();
    gateway = mesh.processes().startGateway(pod, MeshProcesses.SHORT_IDLE);
    gateway.awaitReady();
    Await.until("the door is open", () -> asked("/").equals("v1"));
  }

  @AfterEach
  void standard() throws Exception {
    mesh.withdraw(RULES);
    mesh.apply(DOOR, door());
    mesh.apply(ROUTES, route("door-v1"));
    rotate();
    if (gateway != null) {
      Await.until("v1 answers everything", () -> asked("/admin").equals("v1"));
    }
  }

  @AfterAll
  void withdraw() throws Exception {
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

  @Test
  void requestsFromOutsideReachTheMeshInTunnelsAsTheDoor() throws Exception {
    assertThat(
            mesh.sourceIdentity(
                pod.v4(), mesh.server(), mesh.server().at(APP), () -> asked("/identity")))
        .contains(pod.identity());
  }

  @Test
  void certificateIsProvedToClients() throws Exception {
    BigInteger serial = rotate();
    Await.until("the certificate is shown", () -> shown().equals(serial));
    try (HttpsClient client = https()) {
      assertThat(client.get("/").body()).startsWith("v1\n");
      assertThat(client.get("/again").status()).isEqualTo(200);
    }
  }

  @Test
  void withoutItsCertificateNobodyGetsIn() throws Exception {
    mesh.withdraw(SECRET);
    Await.until("handshakes fail", () -> shown().signum() == 0);
    BigInteger serial = rotate();
    Await.until("they do not", () -> shown().equals(serial));
  }

  @Test
  void secretOfAnotherNamespaceNeedsAGrant() throws Exception {
    PeerCertificate certificate = authority.issueServer(HOST);
    mesh.withdraw(SECRET);
    mesh.apply(DOOR, door().replace("[{name: door-tls}]", "[{name: door-tls, namespace: vault}]"));
    Await.until("handshakes fail", () -> shown().signum() == 0);
    String elsewhere = secret(certificate).replace("namespace: mesh", "namespace: vault");
    mesh.apply(SECRET, elsewhere);
    gateway.awaitLog("no ReferenceGrant of namespace vault");
    assertThat(shown().signum()).isZero();
    mesh.apply(
        RULES,
        """
        apiVersion: gateway.networking.k8s.io/v1beta1
        kind: ReferenceGrant
        metadata: {name: door, namespace: vault}
        spec:
          from: [{group: gateway.networking.k8s.io, kind: Gateway, namespace: mesh}]
          to: [{group: "", kind: Secret, name: door-tls}]
        """);
    Await.until(
        "the certificate is shown", () -> shown().equals(certificate.leaf().getSerialNumber()));
  }

  @Test
  void policyOfTheDoorDecidesOnOpenConnections() throws Exception {
    try (AppConnection kept = mesh.outsider().connect(pod.at(HTTP))) {
      assertThat(HttpApp.get(kept, "/admin").status()).isEqualTo(200);
      mesh.apply(RULES, policy("paths"));
      Await.until("the policy is in force", () -> status("/admin") == 403);
      assertThat(HttpApp.get(kept, "/admin").status()).isEqualTo(403);
      assertThat(HttpApp.get(kept, "/").status()).isEqualTo(200);
    }
  }

  @Test
  void policyThatWasNeverGoodClosesTheDoor() throws Exception {
    mesh.apply(RULES, policy("pahts"));
    Await.until("everything is refused", () -> status("/") == 403);
    assertThat(gateway.awaitLog("AuthorizationPolicy mesh/door")).contains("pahts");
  }

  @Test
  void controlPlaneThatIsGoneLeavesTheDoorOpen() throws Exception {
    BigInteger serial = rotate();
    Await.until("the certificate is shown", () -> shown().equals(serial));
    MeshProcess controlPlane = mesh.processes().controlPlane();
    controlPlane.kill();
    assertThat(asked("/")).isEqualTo("v1");
    assertThat(shown()).isEqualTo(serial);
    mesh.apply(ROUTES, route("door-v2"));
    controlPlane.start();
    controlPlane.awaitReady();
    Await.until("the edit is in force", () -> asked("/").equals("v2"));
    assertThat(shown()).isEqualTo(serial);
  }

  @Test
  void doorThatStartsWithoutControlPlaneStaysClosed() throws Exception {
    MeshProcess controlPlane = mesh.processes().controlPlane();
    controlPlane.kill();
    gateway.kill();
    gateway.start();
    gateway.awaitLog("metrics and readiness on");
    assertThat(asked("/")).isEmpty();
    controlPlane.start();
    controlPlane.awaitReady();
    gateway.awaitReady();
    Await.until("the door is open", () -> asked("/").equals("v1"));
  }

  @Test
  void routesAndCertificatesChangeUnderLoadWithoutALoss() throws Exception {
    AtomicBoolean done = new AtomicBoolean();
    AtomicInteger requests = new AtomicInteger();
    ConcurrentLinkedQueue<String> wrong = new ConcurrentLinkedQueue<>();
    Thread kept = Thread.ofVirtual().start(() -> keptLoad(done, requests, wrong));
    Thread fresh = Thread.ofVirtual().start(() -> freshLoad(done, requests, wrong));
    for (int i = 0; i < 20; i++) {
      String to = i % 2 == 0 ? "v2" : "v1";
      mesh.apply(ROUTES, route("door-" + to));
      BigInteger serial = rotate();
      Await.until(to + " answers", () -> asked("/").equals(to));
      Await.until("the new certificate is shown", () -> shown().equals(serial));
    }
    Await.until("some load", () -> requests.get() > 500);
    done.set(true);
    kept.join();
    fresh.join();
    assertThat(wrong).isEmpty();
  }

  /** Requests on one connection, whatever certificate it began with. */
  private void keptLoad(
      AtomicBoolean done, AtomicInteger requests, ConcurrentLinkedQueue<String> wrong) {
    try (HttpsClient client = https()) {
      while (!done.get()) {
        Message answer = client.get("/load");
        if (answer.status() != 200) {
          wrong.add(answer.line());
        }
        requests.incrementAndGet();
      }
    } catch (IOException e) {
      wrong.add(e.toString());
    }
  }

  /** A handshake for each request. */
  private void freshLoad(
      AtomicBoolean done, AtomicInteger requests, ConcurrentLinkedQueue<String> wrong) {
    while (!done.get()) {
      try (HttpsClient client = https()) {
        if (client.get("/load").status() != 200) {
          wrong.add("not answered");
        }
        requests.incrementAndGet();
      } catch (IOException e) {
        wrong.add(e.toString());
      }
    }
  }

  private HttpsClient https() throws IOException {
    AppConnection connection = mesh.outsider().connect(pod.at(HTTPS));
    try {
      return HttpsClient.open(connection, HOST, authority.root());
    } catch (IOException e) {
      connection.close();
      throw e;
    }
  }

  /** The serial number of the certificate that is shown now; zero for none. */
  private BigInteger shown() {
    try (HttpsClient client = https()) {
      return client.serial();
    } catch (IOException e) {
      return BigInteger.ZERO;
    }
  }

  /** Puts another certificate in place, and tells its serial number. */
  private BigInteger rotate() throws IOException {
    PeerCertificate next = authority.issueServer(HOST);
    mesh.apply(SECRET, secret(next));
    return next.leaf().getSerialNumber();
  }

  /** The name of the app that answered; empty when none did. */
  private String asked(String path) {
    try (AppConnection client = mesh.outsider().connect(pod.at(HTTP))) {
      Message answer = HttpApp.get(client, path);
      return answer.status() == 200 ? answer.body().lines().findFirst().orElse("") : "";
    } catch (IOException e) {
      return "";
    }
  }

  /** 0 while there is no answer. */
  private int status(String path) {
    try (AppConnection client = mesh.outsider().connect(pod.at(HTTP))) {
      return HttpApp.get(client, path).status();
    } catch (IOException e) {
      return 0;
    }
  }

  private static String door() {
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

  private static String route(String backend) {
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

  private static String policy(String field) {
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

  private static String secret(PeerCertificate certificate) {
    return """
    apiVersion: v1
    kind: Secret
    metadata: {name: door-tls, namespace: mesh}
    type: kubernetes.io/tls
    stringData:
      tls.crt: |
    %s
      tls.key: |
    %s
    """
        .formatted(
            certificate.leafPem().indent(4).stripTrailing(),
            certificate.keyPem().indent(4).stripTrailing());
  }

  private String service(String name, String app) {
    return """
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: %s, namespace: mesh}
    spec:
      clusterIP: %s
      selector: {app: %s}
      ports: [{name: http, port: 80, targetPort: %d}]
    """
        .formatted(name, mesh.nextServiceAddress().getHostAddress(), app, APP);
  }
}

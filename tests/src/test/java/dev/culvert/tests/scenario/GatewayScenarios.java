// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.HttpApp;
import dev.culvert.tests.app.HttpApp.Message;
import dev.culvert.tests.app.HttpsClient;
import dev.culvert.tests.hostile.PeerCertificate;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshProcess;
import java.io.IOException;
import java.math.BigInteger;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** A front door that the control plane tells everything, between clients outside and the mesh. */
abstract class GatewayScenarios extends DoorCase {
  private final Mesh mesh;

  GatewayScenarios(Mesh mesh) {
    super(mesh);
    this.mesh = mesh;
  }

  @Test
  void requestsFromOutsideReachTheMeshInTunnelsAsTheDoor() throws Exception {
    assertThat(
            mesh.sourceIdentity(
                pod.v4(), mesh.server(), mesh.server().at(APP), () -> visitor.asked("/identity")))
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
    String elsewhere =
        Yaml.secret("door-tls", certificate).replace("namespace: mesh", "namespace: vault");
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
      Await.until("the policy is in force", () -> visitor.status("/admin") == 403);
      assertThat(HttpApp.get(kept, "/admin").status()).isEqualTo(403);
      assertThat(HttpApp.get(kept, "/").status()).isEqualTo(200);
    }
  }

  @Test
  void policyThatWasNeverGoodClosesTheDoor() throws Exception {
    mesh.apply(RULES, policy("pahts"));
    Await.until("everything is refused", () -> visitor.status("/") == 403);
    assertThat(gateway.awaitLog("AuthorizationPolicy mesh/door")).contains("pahts");
  }

  @Test
  void controlPlaneThatIsGoneLeavesTheDoorOpen() throws Exception {
    BigInteger serial = rotate();
    Await.until("the certificate is shown", () -> shown().equals(serial));
    MeshProcess controlPlane = mesh.processes().controlPlane();
    controlPlane.kill();
    assertThat(visitor.asked("/")).isEqualTo("v1");
    assertThat(shown()).isEqualTo(serial);
    mesh.apply(ROUTES, route("door-v2"));
    controlPlane.start();
    controlPlane.awaitReady();
    Await.until("the edit is in force", () -> visitor.asked("/").equals("v2"));
    assertThat(shown()).isEqualTo(serial);
  }

  @Test
  void doorThatStartsWithoutControlPlaneStaysClosed() throws Exception {
    MeshProcess controlPlane = mesh.processes().controlPlane();
    controlPlane.kill();
    gateway.kill();
    gateway.start();
    gateway.awaitLog("metrics and readiness on");
    assertThat(visitor.asked("/")).isEmpty();
    controlPlane.start();
    controlPlane.awaitReady();
    gateway.awaitReady();
    Await.until("the door is open", () -> visitor.asked("/").equals("v1"));
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
      Await.until(to + " answers", () -> visitor.asked("/").equals(to));
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
}

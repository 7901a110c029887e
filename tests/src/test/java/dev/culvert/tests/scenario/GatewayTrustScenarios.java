// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.HttpApp;
import dev.culvert.tests.app.HttpApp.Message;
import dev.culvert.tests.app.HttpsApp;
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
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/**
 * Whom a front door believes and who lends it listeners, as the control plane tells it: clients by
 * their certificates, backends by theirs.
 */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class GatewayTrustScenarios {
  private static final String HOST = "lock.example";
  private static final String BACKEND = "web.internal";
  private static final String SERVICES = "lock-services.yaml";
  private static final String DOOR = "lock.yaml";
  private static final String AUTHORITY = "lock-authority.yaml";
  private static final String ROUTES = "lock-routes.yaml";
  private static final String RULES = "lock-rules.yaml";
  private static final int OPEN = 8641;
  private static final int ASKING = 8642;

  private final Mesh mesh;
  private final CertificateAuthority authority = CertificateAuthority.alone();
  private final PeerCertificate shown = authority.issueServer(HOST);
  private final PeerCertificate backend = authority.issueServer(BACKEND);
  private final PeerCertificate client = authority.issue("spiffe://outside.example/ns/a/sa/b");
  private MeshPod pod;
  private Visitor visitor;
  private MeshProcess gateway;
  private AppServer open;
  private AppServer asking;

  GatewayTrustScenarios(Mesh mesh) {
    this.mesh = mesh;
  }

  @BeforeAll
  void startAppsAndDoor() throws Exception {
    var context = PeerCertificate.context(() -> backend, () -> {});
    open = mesh.server().serve(OPEN, HttpsApp.named("open", context));
    asking = mesh.server().serve(ASKING, HttpsApp.named("asking", context, true));
    pod = mesh.addPodWithoutWaiting(Mesh.NODE_2, "lock", false);
    visitor = at(LockYaml.HTTP);
    mesh.describe(pod, false, PodEdit.label("gateway.networking.k8s.io/gateway-name", "lock"));
    mesh.apply(
        SERVICES,
        Yaml.service("lock-open", mesh.nextServiceAddress(), "server", "http", OPEN)
            + Yaml.service("lock-asking", mesh.nextServiceAddress(), "server", "http", ASKING));
    standard();
    gateway = mesh.processes().startGateway(pod, MeshProcesses.SHORT_IDLE);
    gateway.awaitReady();
    Await.until("the door is open", () -> visitor.status("/open") == 200);
  }

  @AfterEach
  void standard() throws Exception {
    mesh.withdraw(RULES);
    mesh.apply(AUTHORITY, LockYaml.authority(authority));
    mesh.apply(DOOR, LockYaml.door("", "") + Yaml.secret("lock-tls", shown));
    mesh.apply(ROUTES, LockYaml.routes("{name: lock}") + LockYaml.backendTls(BACKEND));
    if (gateway != null) {
      Await.until(
          "all is as before",
          () ->
              visitor.status("/open") == 200
                  && visitor.status("/asking") == 503
                  && secure(Optional.empty()) == 200);
    }
  }

  @AfterAll
  void withdraw() throws Exception {
    if (gateway != null) {
      assertThat(gateway.lab().terminate(Duration.ofSeconds(40))).isZero();
    }
    for (String file : List.of(RULES, ROUTES, AUTHORITY, DOOR, SERVICES)) {
      mesh.withdraw(file);
    }
    open.close();
    asking.close();
    pod.close();
  }

  @Test
  void backendInTlsIsReachedWithinATunnelOfTheDoor() throws Exception {
    assertThat(
            mesh.sourceIdentity(
                pod.v4(), mesh.server(), mesh.server().at(OPEN), () -> visitor.status("/open")))
        .contains(pod.identity());
  }

  @Test
  void connectionThatIsCarriedOnInTlsReachesItsBackend() throws Exception {
    try (AppConnection plain = mesh.outsider().connect(pod.at(LockYaml.TCP))) {
      Message answer = HttpApp.get(plain, "/through");
      assertThat(answer.body()).startsWith("open\nGET /through");
    }
  }

  @Test
  void backendThatProvesAnotherNameGetsNothing() throws Exception {
    mesh.apply(ROUTES, LockYaml.routes("{name: lock}") + LockYaml.backendTls("other.internal"));
    Await.until("it is not believed", () -> visitor.status("/open") == 503);
  }

  @Test
  void withoutAuthoritiesNothingIsSentToABackend() throws Exception {
    mesh.withdraw(AUTHORITY);
    Await.until("it is closed", () -> visitor.status("/open") == 500);
    assertThat(gateway.awaitLog("no ConfigMap mesh/lock-authority")).contains("BackendTLSPolicy");
  }

  @Test
  void certificateOfTheDoorIsShownToBackendsThatAsk() throws Exception {
    String edit = "backend: {clientCertificateRef: {name: lock-client}}";
    mesh.apply(DOOR, LockYaml.door(edit, "") + Yaml.secret("lock-tls", shown));
    Await.until("without it nothing is sent", () -> visitor.status("/open") == 500);
    mesh.apply(
        DOOR,
        LockYaml.door(edit, "")
            + Yaml.secret("lock-tls", shown)
            + Yaml.secret("lock-client", client));
    Await.until("it is shown", () -> visitor.status("/asking") == 200);
    assertThat(visitor.status("/open")).isEqualTo(200);
  }

  @Test
  void clientsProveThemselvesAndAreJudgedByIt() throws Exception {
    mesh.apply(DOOR, LockYaml.door(LockYaml.FRONTEND, "") + Yaml.secret("lock-tls", shown));
    Await.until("nobody comes in without", () -> secure(Optional.empty()) == 0);
    assertThat(secure(Optional.of(client))).isEqualTo(200);
    PeerCertificate stranger =
        CertificateAuthority.alone().issue("spiffe://outside.example/ns/a/sa/b");
    assertThat(secure(Optional.of(stranger))).isZero();
    mesh.apply(RULES, LockYaml.denying("outside.example/ns/a/sa/b"));
    Await.until("its identity is judged", () -> secure(Optional.of(client)) == 403);
  }

  @Test
  void withoutTheAuthoritiesOfClientsNobodyGetsIn() throws Exception {
    mesh.apply(DOOR, LockYaml.door(LockYaml.FRONTEND, "") + Yaml.secret("lock-tls", shown));
    Await.until("clients prove themselves", () -> secure(Optional.of(client)) == 200);
    mesh.withdraw(AUTHORITY);
    Await.until("nobody gets in", () -> secure(Optional.of(client)) == 0);
    mesh.apply(AUTHORITY, LockYaml.authority(authority));
    Await.until("they do again", () -> secure(Optional.of(client)) == 200);
    assertThat(secure(Optional.empty())).isZero();
  }

  @Test
  void listenersOfAnotherNamespaceAreOpenWhileTheyAreAllowed() throws Exception {
    mesh.apply(RULES, LockYaml.set());
    mesh.apply(
        ROUTES,
        LockYaml.routes("{name: lock}, {kind: ListenerSet, name: lent, namespace: bank}")
            + LockYaml.backendTls(BACKEND));
    mesh.apply(
        DOOR,
        LockYaml.door("", "{from: Same}").replace("5432, protocol: TCP", "8082, protocol: HTTP")
            + Yaml.secret("lock-tls", shown));
    Await.until("the edit is in force", () -> at(8082).status("/open") == 200);
    assertThat(at(LockYaml.LENT).status("/open")).isZero();
    mesh.apply(DOOR, LockYaml.door("", "{from: All}") + Yaml.secret("lock-tls", shown));
    Await.until("it is open", () -> at(LockYaml.LENT).status("/open") == 200);
    mesh.apply(DOOR, LockYaml.door("", "") + Yaml.secret("lock-tls", shown));
    Await.until("it is closed", () -> at(LockYaml.LENT).status("/open") == 0);
  }

  private Visitor at(int port) {
    return new Visitor(mesh.outsider(), pod.at(port));
  }

  /** The status of an answer in TLS; 0 for none. */
  private int secure(Optional<PeerCertificate> own) {
    try (AppConnection connection = mesh.outsider().connect(pod.at(LockYaml.HTTPS));
        HttpsClient https = HttpsClient.open(connection, HOST, authority.root(), own)) {
      return https.get("/open").status();
    } catch (IOException e) {
      return 0;
    }
  }
}

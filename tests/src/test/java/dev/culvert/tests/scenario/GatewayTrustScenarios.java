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
  private static final int HTTP = 80;
  private static final int HTTPS = 443;
  private static final int TCP = 5432;
  private static final int LENT = 8081;

  private final Mesh mesh;
  private final CertificateAuthority authority = CertificateAuthority.alone();
  private final PeerCertificate shown = authority.issueServer(HOST);
  private final PeerCertificate backend = authority.issueServer(BACKEND);
  private final PeerCertificate client = authority.issue("spiffe://outside.example/ns/a/sa/b");
  private MeshPod pod;
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
    mesh.describe(pod, false, PodEdit.label("gateway.networking.k8s.io/gateway-name", "lock"));
    mesh.apply(SERVICES, service("open", OPEN) + service("asking", ASKING));
    standard();
    gateway = mesh.processes().startGateway(pod, MeshProcesses.SHORT_IDLE);
    gateway.awaitReady();
    Await.until("the door is open", () -> asked("/open") == 200);
  }

  @AfterEach
  void standard() throws Exception {
    mesh.withdraw(RULES);
    mesh.apply(AUTHORITY, configMap());
    mesh.apply(DOOR, door("", "") + secret("lock-tls", shown));
    mesh.apply(ROUTES, routes("{name: lock}") + backendTls(BACKEND));
    if (gateway != null) {
      Await.until(
          "all is as before",
          () ->
              asked("/open") == 200 && asked("/asking") == 503 && secure(Optional.empty()) == 200);
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
                pod.v4(), mesh.server(), mesh.server().at(OPEN), () -> asked("/open")))
        .contains(pod.identity());
  }

  @Test
  void connectionThatIsCarriedOnInTlsReachesItsBackend() throws Exception {
    try (AppConnection plain = mesh.outsider().connect(pod.at(TCP))) {
      Message answer = HttpApp.get(plain, "/through");
      assertThat(answer.body()).startsWith("open\nGET /through");
    }
  }

  @Test
  void backendThatProvesAnotherNameGetsNothing() throws Exception {
    mesh.apply(ROUTES, routes("{name: lock}") + backendTls("other.internal"));
    Await.until("it is not believed", () -> asked("/open") == 503);
  }

  @Test
  void withoutAuthoritiesNothingIsSentToABackend() throws Exception {
    mesh.withdraw(AUTHORITY);
    Await.until("it is closed", () -> asked("/open") == 500);
    assertThat(gateway.awaitLog("no ConfigMap mesh/lock-authority")).contains("BackendTLSPolicy");
  }

  @Test
  void certificateOfTheDoorIsShownToBackendsThatAsk() throws Exception {
    String edit = "backend: {clientCertificateRef: {name: lock-client}}";
    mesh.apply(DOOR, door(edit, "") + secret("lock-tls", shown));
    Await.until("without it nothing is sent", () -> asked("/open") == 500);
    mesh.apply(DOOR, door(edit, "") + secret("lock-tls", shown) + secret("lock-client", client));
    Await.until("it is shown", () -> asked("/asking") == 200);
    assertThat(asked("/open")).isEqualTo(200);
  }

  @Test
  void clientsProveThemselvesAndAreJudgedByIt() throws Exception {
    mesh.apply(DOOR, door(FRONTEND, "") + secret("lock-tls", shown));
    Await.until("nobody comes in without", () -> secure(Optional.empty()) == 0);
    assertThat(secure(Optional.of(client))).isEqualTo(200);
    PeerCertificate stranger =
        CertificateAuthority.alone().issue("spiffe://outside.example/ns/a/sa/b");
    assertThat(secure(Optional.of(stranger))).isZero();
    mesh.apply(RULES, denying("outside.example/ns/a/sa/b"));
    Await.until("its identity is judged", () -> secure(Optional.of(client)) == 403);
  }

  @Test
  void withoutTheAuthoritiesOfClientsNobodyGetsIn() throws Exception {
    mesh.apply(DOOR, door(FRONTEND, "") + secret("lock-tls", shown));
    Await.until("clients prove themselves", () -> secure(Optional.of(client)) == 200);
    mesh.withdraw(AUTHORITY);
    Await.until("nobody gets in", () -> secure(Optional.of(client)) == 0);
    mesh.apply(AUTHORITY, configMap());
    Await.until("they do again", () -> secure(Optional.of(client)) == 200);
    assertThat(secure(Optional.empty())).isZero();
  }

  @Test
  void listenersOfAnotherNamespaceAreOpenWhileTheyAreAllowed() throws Exception {
    mesh.apply(RULES, set());
    mesh.apply(
        ROUTES,
        routes("{name: lock}, {kind: ListenerSet, name: lent, namespace: bank}")
            + backendTls(BACKEND));
    mesh.apply(
        DOOR,
        door("", "{from: Same}").replace("5432, protocol: TCP", "8082, protocol: HTTP")
            + secret("lock-tls", shown));
    Await.until("the edit is in force", () -> answer(8082, "/open") == 200);
    assertThat(answer(LENT, "/open")).isZero();
    mesh.apply(DOOR, door("", "{from: All}") + secret("lock-tls", shown));
    Await.until("it is open", () -> answer(LENT, "/open") == 200);
    mesh.apply(DOOR, door("", "") + secret("lock-tls", shown));
    Await.until("it is closed", () -> answer(LENT, "/open") == 0);
  }

  /** The status of an answer in plaintext; 0 for none. */
  private int answer(int port, String path) {
    try (AppConnection connection = mesh.outsider().connect(pod.at(port))) {
      return HttpApp.get(connection, path).status();
    } catch (IOException e) {
      return 0;
    }
  }

  private int asked(String path) {
    return answer(HTTP, path);
  }

  /** The same in TLS. */
  private int secure(Optional<PeerCertificate> own) {
    try (AppConnection connection = mesh.outsider().connect(pod.at(HTTPS));
        HttpsClient https = HttpsClient.open(connection, HOST, authority.root(), own)) {
      return https.get("/open").status();
    } catch (IOException e) {
      return 0;
    }
  }

  private static final String FRONTEND =
      "frontend: {default: {validation: {caCertificateRefs: "
          + "[{group: \"\", kind: ConfigMap, name: lock-authority}]}}}";

  /**
   * @param tls of the Gateway; empty for none
   * @param lending which namespaces may add listeners; empty for none
   */
  private static String door(String tls, String lending) {
    String standard =
        """
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: Gateway
        metadata: {name: lock, namespace: mesh}
        spec:
          gatewayClassName: culvert-gateway
          listeners:
            - {name: http, port: %d, protocol: HTTP}
            - {name: https, port: %d, protocol: HTTPS, tls: {certificateRefs: [{name: lock-tls}]}}
            - {name: tcp, port: %d, protocol: TCP}
        """
            .formatted(HTTP, HTTPS, TCP);
    return standard
        + (tls.isEmpty() ? "" : "  tls: {" + tls + "}\n")
        + (lending.isEmpty() ? "" : "  allowedListeners: {namespaces: " + lending + "}\n");
  }

  private static String set() {
    return """
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: ListenerSet
    metadata: {name: lent, namespace: bank}
    spec:
      parentRef: {name: lock, namespace: mesh}
      listeners:
        - {name: http, port: %d, protocol: HTTP, allowedRoutes: {namespaces: {from: All}}}
    """
        .formatted(LENT);
  }

  private static String routes(String parents) {
    return """
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: HTTPRoute
    metadata: {name: lock, namespace: mesh}
    spec:
      parentRefs: [%s]
      rules:
        - matches: [{path: {type: PathPrefix, value: /asking}}]
          backendRefs: [{name: lock-asking, port: 80}]
        - backendRefs: [{name: lock-open, port: 80}]
    ---
    apiVersion: gateway.networking.k8s.io/v1alpha2
    kind: TCPRoute
    metadata: {name: lock, namespace: mesh}
    spec:
      parentRefs: [{name: lock, sectionName: tcp}]
      rules: [{backendRefs: [{name: lock-open, port: 80}]}]
    """
        .formatted(parents);
  }

  private static String backendTls(String name) {
    return """
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: BackendTLSPolicy
    metadata: {name: lock, namespace: mesh}
    spec:
      targetRefs:
        - {group: "", kind: Service, name: lock-open}
        - {group: "", kind: Service, name: lock-asking, sectionName: http}
      validation:
        caCertificateRefs: [{group: "", kind: ConfigMap, name: lock-authority}]
        hostname: %s
    """
        .formatted(name);
  }

  private String configMap() {
    return """
    ---
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: lock-authority, namespace: mesh}
    data:
      ca.crt: |
    %s
    """
        .formatted(authority.pem().indent(4).stripTrailing());
  }

  private static String secret(String name, PeerCertificate certificate) {
    return """
    ---
    apiVersion: v1
    kind: Secret
    metadata: {name: %s, namespace: mesh}
    type: kubernetes.io/tls
    stringData:
      tls.crt: |
    %s
      tls.key: |
    %s
    """
        .formatted(
            name,
            certificate.leafPem().indent(4).stripTrailing(),
            certificate.keyPem().indent(4).stripTrailing());
  }

  private static String denying(String principal) {
    return """
    ---
    apiVersion: policy.culvert.dev/v1alpha1
    kind: AuthorizationPolicy
    metadata: {name: lock, namespace: mesh}
    spec:
      targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: lock}]
      action: DENY
      rules: [{from: [{source: {principals: ["%s"]}}]}]
    """
        .formatted(principal);
  }

  private String service(String name, int port) {
    return """
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: lock-%s, namespace: mesh}
    spec:
      clusterIP: %s
      selector: {app: server}
      ports: [{name: http, port: 80, targetPort: %d}]
    """
        .formatted(name, mesh.nextServiceAddress().getHostAddress(), port);
  }
}

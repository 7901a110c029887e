// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.HttpApp;
import dev.culvert.tests.app.HttpsApp;
import dev.culvert.tests.app.HttpsClient;
import dev.culvert.tests.hostile.CertificateAuthority;
import dev.culvert.tests.hostile.PeerCertificate;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import dev.culvert.tests.mesh.MeshProcess;
import dev.culvert.tests.mesh.PodEdit;
import java.io.IOException;
import java.math.BigInteger;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** A front door that the control plane tells where connections go that it does not look into. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class GatewayConnectionScenarios {
  private static final String SERVICES = "gate-services.yaml";
  private static final String GATE = "gate.yaml";
  private static final String ROUTES = "gate-routes.yaml";
  private static final String RULES = "gate-rules.yaml";
  private static final int GREETER = 8631;
  private static final int SECURE = 8632;
  private static final int PLAIN = 8633;
  private static final int TCP = 5432;
  private static final int TLS = 8443;

  private final Mesh mesh;
  private final CertificateAuthority authority = CertificateAuthority.alone();
  private final PeerCertificate passed = authority.issueServer("vault.example");
  private final PeerCertificate ended = authority.issueServer("mqtt.example");
  private MeshPod pod;
  private MeshProcess gateway;
  private AppServer v1;
  private AppServer v2;
  private AppServer secure;
  private AppServer plain;

  GatewayConnectionScenarios(Mesh mesh) {
    this.mesh = mesh;
  }

  @BeforeAll
  void startAppsAndDoor() throws Exception {
    v1 = mesh.server().serve(GREETER, greeting("1"));
    v2 = mesh.neighbour().serve(GREETER, greeting("2"));
    secure =
        mesh.server()
            .serve(
                SECURE, HttpsApp.named("vault", PeerCertificate.context(() -> passed, () -> {})));
    plain = mesh.server().serve(PLAIN, HttpApp.named("mqtt"));
    pod = mesh.addPodWithoutWaiting(Mesh.NODE_2, "gate", false);
    mesh.describe(pod, false, PodEdit.label("gateway.networking.k8s.io/gateway-name", "gate"));
    mesh.apply(
        SERVICES,
        Yaml.service("greeter-1", mesh.nextServiceAddress(), "server", "tcp", GREETER)
            + Yaml.service("greeter-2", mesh.nextServiceAddress(), "neighbour", "tcp", GREETER)
            + Yaml.service("vault", mesh.nextServiceAddress(), "server", "tcp", SECURE)
            + Yaml.service("mqtt", mesh.nextServiceAddress(), "server", "tcp", PLAIN));
    standard();
    gateway = mesh.processes().startGateway(pod, Map.of());
    gateway.awaitReady();
    Await.until("the door is open", () -> greeted().equals("1"));
  }

  /** Speaks first, and has the last word. */
  private static AppServer.Service greeting(String letter) {
    return connection -> {
      connection.send(letter);
      connection.send("heard " + connection.receiveAll());
    };
  }

  @AfterEach
  void standard() throws Exception {
    mesh.withdraw(RULES);
    mesh.apply(GATE, gate() + Yaml.secret("gate-tls", ended));
    mesh.apply(ROUTES, routes("greeter-1"));
    if (gateway != null) {
      Await.until("the first greets", () -> greeted().equals("1"));
    }
  }

  @AfterAll
  void withdraw() throws Exception {
    if (gateway != null) {
      assertThat(gateway.lab().terminate(Duration.ofSeconds(40))).isZero();
    }
    for (String file : List.of(RULES, ROUTES, GATE, SERVICES)) {
      mesh.withdraw(file);
    }
    for (AppServer app : List.of(v1, v2, secure, plain)) {
      app.close();
    }
    pod.close();
  }

  @Test
  void serverThatSpeaksFirstIsHeardInATunnelOfTheDoor() throws Exception {
    assertThat(
            mesh.sourceIdentity(pod.v4(), mesh.server(), mesh.server().at(GREETER), this::greeted))
        .contains(pod.identity());
  }

  @Test
  void halfThatEndsLeavesTheOtherOpen() throws Exception {
    try (AppConnection client = mesh.outsider().connect(pod.at(TCP))) {
      assertThat(client.receive(1)).isEqualTo("1");
      client.send("all of it");
      client.finish();
      assertThat(client.receiveAll()).isEqualTo("heard all of it");
    }
  }

  @Test
  void connectionIsCountedWithItsEndpoint() throws Exception {
    greeted();
    Await.until(
        "a series with the service and who proved to be its endpoint",
        () ->
            mesh.processes()
                .metrics(pod)
                .lines()
                .filter(line -> line.startsWith("istio_tcp_connections_opened_total{"))
                .filter(line -> line.contains("reporter=\"waypoint\""))
                .filter(line -> line.contains("destination_service_name=\"greeter-1\""))
                .anyMatch(line -> line.contains(mesh.server().identity())));
  }

  @Test
  void tlsIsPassedThroughByItsServerName() throws Exception {
    try (HttpsClient client = https("vault.example").orElseThrow()) {
      assertThat(client.serial()).isEqualTo(serial(passed));
      assertThat(client.get("/").body()).startsWith("vault\n");
    }
    assertThat(https("else.example")).isEmpty();
  }

  @Test
  void tlsThatEndsAtTheDoorIsCarriedOn() throws Exception {
    try (HttpsClient client = https("mqtt.example").orElseThrow()) {
      assertThat(client.serial()).isEqualTo(serial(ended));
      assertThat(client.get("/topic").body()).startsWith("mqtt\nGET /topic");
    }
  }

  @Test
  void changedRouteLeavesOpenConnectionsWhereTheyAre() throws Exception {
    try (AppConnection kept = mesh.outsider().connect(pod.at(TCP))) {
      assertThat(kept.receive(1)).isEqualTo("1");
      mesh.apply(ROUTES, routes("greeter-2"));
      Await.until("the second greets", () -> greeted().equals("2"));
      kept.send("still here");
      kept.finish();
      assertThat(kept.receiveAll()).isEqualTo("heard still here");
    }
  }

  @Test
  void policyOfTheDoorEndsWhatItForbids() throws Exception {
    try (AppConnection open = mesh.outsider().connect(pod.at(TCP))) {
      assertThat(open.receive(1)).isEqualTo("1");
      mesh.apply(RULES, denyingPort("ports"));
      readToTheEnd(open);
      assertThat(greeted()).isEmpty();
      assertThat(answered("mqtt.example")).isTrue();
    }
  }

  @Test
  void policyThatWasNeverGoodClosesConnectionsToo() throws Exception {
    mesh.apply(RULES, denyingPort("prots"));
    Await.until("nobody is let in", () -> greeted().isEmpty() && !answered("mqtt.example"));
    assertThat(gateway.awaitLog("AuthorizationPolicy mesh/gate")).contains("prots");
  }

  @Test
  void listenerThatGoesClosesItsPort() throws Exception {
    mesh.apply(
        GATE,
        gate().replace("    - {name: tcp, port: 5432, protocol: TCP}\n", "")
            + Yaml.secret("gate-tls", ended));
    Await.until("the port is closed", () -> greeted().isEmpty());
    assertThat(answered("vault.example")).isTrue();
  }

  /** Waits until it ends, however it does. */
  private static void readToTheEnd(AppConnection connection) {
    try {
      connection.receiveAll();
    } catch (IOException reset) {
      // It ended.
    }
  }

  /** Whether there is an answer; a handshake alone may succeed before it is refused. */
  private boolean answered(String host) {
    try (HttpsClient client = https(host).orElse(null)) {
      return client != null && client.get("/").status() == 200;
    } catch (IOException refused) {
      return false;
    }
  }

  private static BigInteger serial(PeerCertificate certificate) {
    return certificate.leaf().getSerialNumber();
  }

  /** Empty where there is no handshake that succeeds. */
  private Optional<HttpsClient> https(String host) throws IOException {
    AppConnection connection = mesh.outsider().connect(pod.at(TLS));
    try {
      return Optional.of(HttpsClient.open(connection, host, authority.root()));
    } catch (IOException refused) {
      connection.close();
      return Optional.empty();
    }
  }

  private String greeted() {
    return Greetings.of(mesh.outsider(), pod.at(TCP));
  }

  private static String gate() {
    return """
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: Gateway
    metadata: {name: gate, namespace: mesh}
    spec:
      gatewayClassName: culvert-gateway
      listeners:
        - {name: tcp, port: 5432, protocol: TCP}
        - {name: passed, port: 8443, protocol: TLS, hostname: vault.example, tls: {mode: Passthrough}}
        - {name: ended, port: 8443, protocol: TLS, hostname: mqtt.example, tls: {certificateRefs: [{name: gate-tls}]}}
    """;
  }

  private static String routes(String greeter) {
    return route("TCPRoute", "greeter", "tcp", greeter)
        + route("TLSRoute", "vault", "passed", "vault")
            .replace("  rules:", "  hostnames: [vault.example]\n  rules:")
        + route("TCPRoute", "mqtt", "ended", "mqtt");
  }

  private static String route(String kind, String name, String listener, String backend) {
    return """
    ---
    apiVersion: gateway.networking.k8s.io/v1alpha2
    kind: %s
    metadata: {name: gate-%s, namespace: mesh}
    spec:
      parentRefs: [{name: gate, sectionName: %s}]
      rules: [{backendRefs: [{name: %s, port: 80}]}]
    """
        .formatted(kind, name, listener, backend);
  }

  private static String denyingPort(String field) {
    return """
    apiVersion: policy.culvert.dev/v1alpha1
    kind: AuthorizationPolicy
    metadata: {name: gate, namespace: mesh}
    spec:
      targetRefs: [{group: gateway.networking.k8s.io, kind: Gateway, name: gate}]
      action: DENY
      rules: [{to: [{operation: {%s: ["5432"]}}]}]
    """
        .formatted(field);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.AppServer;
import dev.culvert.tests.app.HttpApp;
import dev.culvert.tests.app.HttpApp.Message;
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
import java.nio.file.Files;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;

/** Requests and connections from pod to pod through a real waypoint. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class MeshWaypointScenarios {
  private static final String SERVICES = "mesh-waypoint.yaml";
  private static final String ROUTES = "mesh-waypoint-routes.yaml";
  private static final String POLICY = "mesh-waypoint-policy.yaml";
  private static final int HBONE = 15008;
  private static final int HTTP = 8601;
  private static final int TCP = 8602;

  private final Mesh mesh;
  private final String transport;
  private InetSocketAddress shop;
  private InetSocketAddress mail;
  private MeshPod pod;
  private MeshProcess waypoint;
  private AppServer v1;
  private AppServer v2;
  private AppServer greeter;

  MeshWaypointScenarios(Mesh mesh, String transport) {
    this.mesh = mesh;
    this.transport = transport;
  }

  @BeforeAll
  void startAppsAndWaypoint() throws Exception {
    String vip = mesh.nextServiceAddress().getHostAddress();
    shop = new InetSocketAddress(vip, 80);
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
    Await.until("requests go through the waypoint", () -> asked("/").equals("v1"));
  }

  @AfterEach
  void noRoutesAndPolicies() throws Exception {
    mesh.withdraw(ROUTES);
    mesh.withdraw(POLICY);
    Await.until("v1 answers everything", () -> asked("/none").equals("v1"));
  }

  @AfterAll
  void withdraw() throws Exception {
    if (waypoint != null) {
      assertThat(waypoint.lab().terminate(java.time.Duration.ofSeconds(40))).isZero();
    }
    mesh.withdraw(SERVICES);
    v1.close();
    v2.close();
    greeter.close();
    pod.close();
  }

  @Test
  void requestArrivesFromTheWaypointAndNamesItsClient() throws Exception {
    v1.forgetPeers();
    try (AppConnection client = mesh.client().connect(shop)) {
      Message answer = HttpApp.get(client, "/shoes?size=42");
      assertThat(answer.status()).isEqualTo(200);
      assertThat(answer.body())
          .startsWith("v1\nGET /shoes?size=42 HTTP/1.1")
          .containsPattern("x-forwarded-for: " + mesh.client().v4().getHostAddress() + "\n?")
          .contains("x-forwarded-proto: http", "x-request-id: ", "traceparent: 00-");
      assertThat(client.peer()).isEqualTo(shop);
    }
    try (AppConnection other = mesh.neighbour().connect(shop)) {
      assertThat(HttpApp.get(other, "/").body()).startsWith("v1");
    }
    Await.until(
        "the server's proxy tells that the waypoint came in",
        () ->
            Files.readString(mesh.server().ztunnelLog())
                .contains("src.identity=\"" + pod.identity() + "\""));
  }

  @Test
  void requestsOnOneConnectionAreRoutedOneByOne() throws Exception {
    route(
        """
          - matches: [{path: {type: PathPrefix, value: /shoes}, headers: [{name: x-version, value: v2}]}]
            backendRefs: [{name: shop-v2, port: 80}]
          - matches: [{path: {type: PathPrefix, value: /shoes}}]
            backendRefs: [{name: shop, port: 80}]
        """);
    Await.until("the header decides", () -> asked("/shoes", "x-version: v2").equals("v2"));
    try (AppConnection client = mesh.client().connect(shop)) {
      assertThat(HttpApp.get(client, "/shoes").body()).startsWith("v1\n");
      assertThat(HttpApp.get(client, "/shoes", "x-version: v2").body()).startsWith("v2\n");
      assertThat(HttpApp.get(client, "/shoes").body()).startsWith("v1\n");
      assertThat(HttpApp.get(client, "/hats").status()).isEqualTo(404);
    }
  }

  @Test
  void weightsShareTheRequests() throws Exception {
    route(
        """
          - backendRefs: [{name: shop, port: 80, weight: 9}, {name: shop-v2, port: 80, weight: 1}]
        """);
    Await.until("v2 gets a share", () -> asked("/").equals("v2"));
    int second = 0;
    try (AppConnection client = mesh.client().connect(shop)) {
      for (int i = 0; i < 1000; i++) {
        second += HttpApp.get(client, "/" + i).body().startsWith("v2\n") ? 1 : 0;
      }
    }
    // Of 1000, 100 ± 10 are expected.
    assertThat(second).isBetween(40, 170);
  }

  @Test
  void consumerRouteIsForClientsOfItsNamespace() throws Exception {
    mesh.apply(
        ROUTES,
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: guests}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: HTTPRoute
        metadata: {name: consumer, namespace: guests}
        spec:
          parentRefs: [{group: "", kind: Service, name: shop, namespace: mesh}]
          rules:
          - filters:
            - type: RequestRedirect
              requestRedirect: {statusCode: 307, hostname: elsewhere.example}
        """);
    try (MeshPod guest = mesh.addPodOf("guests", Mesh.NODE_1, "guest")) {
      Await.until("the guest is sent elsewhere", () -> status(guest, "/shoes") == 307);
      assertThat(asked("/shoes")).isEqualTo("v1");
    }
  }

  @Test
  void backendThatDoesNotExistIsAnErrorOfItsRuleOnly() throws Exception {
    route(
        """
          - matches: [{path: {type: PathPrefix, value: /hats}}]
            backendRefs: [{name: nobody, port: 80}]
          - backendRefs: [{name: shop, port: 80}]
        """);
    Await.until("the rule is in force", () -> status(mesh.client(), "/hats") == 500);
    assertThat(asked("/shoes")).isEqualTo("v1");
  }

  @Test
  void serverThatSpeaksFirstIsNotKeptWaiting() throws Exception {
    try (AppConnection client = mesh.client().connect(mail)) {
      assertThat(client.receive("220 ready".length())).isEqualTo("220 ready");
      assertThat(client.echo("EHLO")).isEqualTo("EHLO");
      client.finish();
      assertThat(client.receiveAll()).isEmpty();
    }
    Await.until(
        "the waypoint tells of the connection",
        () ->
            mesh.processes()
                .metrics(pod)
                .lines()
                .anyMatch(
                    line ->
                        line.startsWith("istio_tcp_connections_closed_total")
                            && line.contains("reporter=\"waypoint\"")
                            && line.contains("source_workload=\"client\"")
                            && line.contains("destination_workload=\"server\"")));
  }

  @Test
  void whatDoesNotUseTheWaypointIsRefused() throws Exception {
    // Both at once: it waits for a while until it is told of them.
    try (HbonePeer toPod = peer();
        HbonePeer toService = peer()) {
      int pod =
          toPod
              .greet()
              .request(HbonePeer.connectTo(mesh.server().v4().getHostAddress() + ":" + HTTP));
      int service = toService.greet().request(HbonePeer.connectTo(Mesh.SERVICE_ADDRESS + ":80"));
      assertThat(toPod.answer(pod)).isEqualTo(new Answer.Status(400));
      assertThat(toService.answer(service)).isEqualTo(new Answer.Status(400));
    }
    assertThat(tunnelled(shop.getAddress().getHostAddress() + ":80"))
        .isEqualTo(new Answer.Status(200));
  }

  @Test
  void policyOfAServiceDecidesOnEachRequest() throws Exception {
    try (AppConnection kept = mesh.client().connect(shop);
        AppConnection passing = mesh.client().connect(mail)) {
      assertThat(HttpApp.get(kept, "/").status()).isEqualTo(200);
      assertThat(passing.receive("220 ready".length())).isEqualTo("220 ready");
      mesh.apply(
          POLICY,
          """
          apiVersion: policy.culvert.dev/v1alpha1
          kind: AuthorizationPolicy
          metadata: {name: no-admin, namespace: mesh}
          spec:
            targetRefs: [{group: "", kind: Service, name: shop}]
            action: DENY
            rules:
            - from: [{source: {principals: ["cluster.local/ns/mesh/sa/client"]}}]
              to: [{operation: {paths: ["/admin*"]}}]
          """);
      Await.until("requests are refused", () -> status(mesh.client(), "/admin/x") == 403);
      assertThat(HttpApp.get(kept, "/admin").status()).isEqualTo(403);
      assertThat(HttpApp.get(kept, "/").status()).isEqualTo(200);
      assertThat(HttpApp.get(kept, "/x/%2e%2e/admin").status()).isEqualTo(403);
      assertThat(status(mesh.neighbour(), "/admin")).isEqualTo(200);
      Await.until("the passing connection is broken", () -> isBroken(passing));
    }
  }

  private static boolean isBroken(AppConnection connection) {
    try {
      return connection.receiveAll().isEmpty();
    } catch (IOException reset) {
      return true;
    }
  }

  @Test
  void changesOfRoutesFailNoRequest() throws Exception {
    AtomicInteger wrong = new AtomicInteger();
    Thread changes =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    for (int i = 0; i < 20; i++) {
                      String to = i % 2 == 0 ? "shop-v2" : "shop";
                      route("  - backendRefs: [{name: %s, port: 80}]\n".formatted(to));
                      Await.until(to + " answers", () -> asked("/").equals(version(to)));
                    }
                  } catch (Exception | AssertionError e) {
                    wrong.incrementAndGet();
                  }
                });
    try (AppConnection client = mesh.client().connect(shop)) {
      int requests = 0;
      while (changes.isAlive() || requests < 500) {
        wrong.addAndGet(HttpApp.get(client, "/" + requests).status() == 200 ? 0 : 1);
        requests++;
      }
    }
    changes.join();
    assertThat(wrong.get()).isZero();
  }

  private static String version(String service) {
    return service.equals("shop") ? "v1" : "v2";
  }

  @Test
  void killedWaypointLetsNobodyPast() throws Exception {
    waypoint.kill();
    v1.forgetPeers();
    assertThat(asked("/")).isEmpty();
    assertThat(v1.waitingPeers()).isZero();
    waypoint.start();
    waypoint.awaitReady();
    Await.until("requests go through the waypoint again", () -> asked("/").equals("v1"));
  }

  @Test
  void metricsNameSourceAndDestination() throws Exception {
    assertThat(asked("/")).isEqualTo("v1");
    Await.until(
        "the request is counted",
        () ->
            mesh.processes()
                .metrics(pod)
                .lines()
                .anyMatch(
                    line ->
                        line.startsWith("istio_requests_total")
                            && line.contains("reporter=\"waypoint\"")
                            && line.contains("source_workload=\"client\"")
                            && line.contains(
                                "source_principal=\"" + mesh.client().identity() + "\"")
                            && line.contains("destination_workload=\"server\"")
                            && line.contains("destination_service=\"shop.mesh.svc.cluster.local\"")
                            && line.contains("response_code=\"200\"")
                            && line.contains("connection_security_policy=\"mutual_tls\"")));
  }

  private Answer tunnelled(String target) throws IOException {
    try (HbonePeer peer = peer()) {
      return peer.attempt(target);
    }
  }

  private HbonePeer peer() throws IOException {
    return HbonePeer.connect(
        mesh.outsider().connect(pod.at(HBONE)).channel(),
        mesh.authority().issue(mesh.client().identity()));
  }

  /** The name of the app that answered the client; empty when none did. */
  private String asked(String path, String... fields) {
    try (AppConnection client = mesh.client().connect(shop)) {
      Message answer = HttpApp.get(client, path, fields);
      return answer.status() == 200 ? answer.body().lines().findFirst().orElse("") : "";
    } catch (IOException e) {
      return "";
    }
  }

  private int status(MeshPod from, String path) throws IOException {
    try (AppConnection client = from.connect(shop)) {
      return HttpApp.get(client, path).status();
    }
  }

  private void route(String rules) throws IOException {
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
    return """
    apiVersion: gateway.networking.k8s.io/v1
    kind: Gateway
    metadata: {name: way, namespace: mesh}
    spec:
      gatewayClassName: culvert-waypoint
      listeners: [{name: mesh, port: 15008, protocol: HBONE, allowedRoutes: {namespaces: {from: All}}}]
    ---
    apiVersion: v1
    kind: Service
    metadata: {name: way, namespace: mesh}
    spec:
      clusterIP: %s
      selector: {gateway.networking.k8s.io/gateway-name: way}
      ports: [{name: mesh, port: 15008}]
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
        .formatted(
            mesh.nextServiceAddress().getHostAddress(),
            vip,
            HTTP,
            TCP,
            mesh.nextServiceAddress().getHostAddress(),
            HTTP);
  }
}

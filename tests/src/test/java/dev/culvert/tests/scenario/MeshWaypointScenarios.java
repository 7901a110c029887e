// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.HttpApp;
import dev.culvert.tests.app.HttpApp.Message;
import dev.culvert.tests.hostile.Answer;
import dev.culvert.tests.hostile.HbonePeer;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import java.io.IOException;
import java.nio.file.Files;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

/** Requests and connections from pod to pod through a real waypoint. */
abstract class MeshWaypointScenarios extends MeshWaypointCase {
  private final Mesh mesh;

  MeshWaypointScenarios(Mesh mesh, String transport) {
    super(mesh, transport);
    this.mesh = mesh;
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
    Await.until("the header decides", () -> visitor.asked("/shoes", "x-version: v2").equals("v2"));
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
    Await.until("v2 gets a share", () -> visitor.asked("/").equals("v2"));
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
      Await.until(
          "the guest is sent elsewhere", () -> new Visitor(guest, shop).status("/shoes") == 307);
      assertThat(visitor.asked("/shoes")).isEqualTo("v1");
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
    Await.until("the rule is in force", () -> visitor.status("/hats") == 500);
    assertThat(visitor.asked("/shoes")).isEqualTo("v1");
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
      int pod = toPod.greet().request(HbonePeer.connectTo(mesh.server().hostPort(HTTP)));
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
      Await.until("requests are refused", () -> visitor.status("/admin/x") == 403);
      assertThat(HttpApp.get(kept, "/admin").status()).isEqualTo(403);
      assertThat(HttpApp.get(kept, "/").status()).isEqualTo(200);
      assertThat(HttpApp.get(kept, "/x/%2e%2e/admin").status()).isEqualTo(403);
      assertThat(new Visitor(mesh.neighbour(), shop).status("/admin")).isEqualTo(200);
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
                      Await.until(to + " answers", () -> visitor.asked("/").equals(version(to)));
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
    assertThat(visitor.asked("/")).isEmpty();
    assertThat(v1.waitingPeers()).isZero();
    waypoint.start();
    waypoint.awaitReady();
    Await.until("requests go through the waypoint again", () -> visitor.asked("/").equals("v1"));
  }

  @Test
  void metricsNameSourceAndDestination() throws Exception {
    assertThat(visitor.asked("/")).isEqualTo("v1");
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
}

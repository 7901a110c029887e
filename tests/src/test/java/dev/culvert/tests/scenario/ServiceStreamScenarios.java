// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import dev.culvert.tests.mesh.MeshPod;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** Routes of a service's connections, which its waypoint does not look into. */
abstract class ServiceStreamScenarios extends RoutedServiceScenarios {
  private final Mesh mesh;

  ServiceStreamScenarios(Mesh mesh) {
    super(mesh);
    this.mesh = mesh;
  }

  @Test
  void tcpRouteSharesConnectionsByWeightAndKeepsNoServerWaiting() throws Exception {
    tcpRoute("mesh", "{name: post-2, port: 25}");
    Await.until("the route is in force", () -> greeted(mesh.client()).equals("220 two"));
    assertThat(greeted(mesh.neighbour())).isEqualTo("220 two");
    tcpRoute("mesh", "{name: post, port: 25, weight: 3}, {name: post-2, port: 25}");
    Await.until("both are used", () -> greeted(mesh.client()).equals("220 one"));
    int others = 0;
    for (int i = 0; i < 200; i++) {
      others += greeted(mesh.client()).equals("220 two") ? 1 : 0;
    }
    // Of 200, 50 ± 6 are expected.
    assertThat(others).isBetween(20, 85);
  }

  @Test
  void changeOfATcpRouteIsForNewConnections() throws Exception {
    try (AppConnection before = mesh.client().connect(mail)) {
      assertThat(before.receive("220 one".length())).isEqualTo("220 one");
      tcpRoute("mesh", "{name: nobody, port: 25}");
      Await.until("nobody greets", () -> greeted(mesh.client()).isEmpty());
      assertThat(before.echo("EHLO")).isEqualTo("EHLO");
    }
  }

  @Test
  void tcpRouteOfAConsumerIsForClientsOfItsNamespace() throws Exception {
    tcpRoute("guests", "{name: post-2, namespace: mesh, port: 25}");
    try (MeshPod guest = mesh.addPodOf("guests", Mesh.NODE_1, "caller")) {
      Await.until("it lacks a grant", () -> greeted(guest).isEmpty());
      assertThat(greeted(mesh.client())).isEqualTo("220 one");
      policy(
          """
          apiVersion: gateway.networking.k8s.io/v1beta1
          kind: ReferenceGrant
          metadata: {name: guests, namespace: mesh}
          spec:
            from: [{group: gateway.networking.k8s.io, kind: TCPRoute, namespace: guests}]
            to: [{group: "", kind: Service, name: post-2}]
          """);
      Await.until("the guest is sent elsewhere", () -> greeted(guest).equals("220 two"));
      assertThat(greeted(mesh.client())).isEqualTo("220 one");
    }
  }

  @Test
  void connectionThatPolicyForbidsReachesNoBackendOfItsRoute() throws Exception {
    tcpRoute("mesh", "{name: post-2, port: 25}");
    Await.until("the route is in force", () -> greeted(mesh.client()).equals("220 two"));
    policy(
        """
        apiVersion: policy.culvert.dev/v1alpha1
        kind: AuthorizationPolicy
        metadata: {name: no-mail, namespace: mesh}
        spec:
          targetRefs: [{group: "", kind: Service, name: post}]
          action: DENY
          rules:
          - from: [{source: {principals: ["cluster.local/ns/mesh/sa/client"]}}]
            to: [{operation: {ports: ["25"]}}]
        """);
    Await.until("the client is refused", () -> greeted(mesh.client()).isEmpty());
    second.forgetPeers();
    assertThat(greeted(mesh.client())).isEmpty();
    assertThat(second.waitingPeers()).isZero();
    assertThat(greeted(mesh.neighbour())).isEqualTo("220 two");
  }

  @Test
  void tlsRouteSendsHandshakesByTheirServerName() throws Exception {
    assertThat(opened("a.vault.internal")).isEqualTo("one");
    route(
        tlsRoute("two", "b.vault.internal", "post-2")
            + tlsRoute("one", "a.vault.internal", "post"));
    Await.until("the name decides", () -> opened("b.vault.internal").equals("two"));
    assertThat(opened("a.vault.internal")).isEqualTo("one");
  }

  @Test
  void handshakeThatNoTlsRouteTakesReachesNobody() throws Exception {
    route(tlsRoute("two", "b.vault.internal", "post-2"));
    Await.until("the route is in force", () -> opened("a.vault.internal").isEmpty());
    firstVault.forgetPeers();
    secondVault.forgetPeers();
    assertThat(opened("a.vault.internal")).isEmpty();
    try (AppConnection plain = mesh.client().connect(vault)) {
      plain.send("GET / HTTP/1.1\r\nhost: b.vault.internal\r\n\r\n");
      assertThatThrownBy(() -> plain.receive(1)).isInstanceOf(IOException.class);
    }
    assertThat(firstVault.waitingPeers() + secondVault.waitingPeers()).isZero();
    assertThat(opened("b.vault.internal")).isEqualTo("two");
  }

  @Test
  void policyAsksForTheServerNameOfAConnection() throws Exception {
    route(tlsRoute("all", "'*.vault.internal'", "post-2"));
    Await.until("the route is in force", () -> opened("a.vault.internal").equals("two"));
    policy(
        """
        apiVersion: policy.culvert.dev/v1alpha1
        kind: AuthorizationPolicy
        metadata: {name: no-a, namespace: mesh}
        spec:
          targetRefs: [{group: "", kind: Service, name: post}]
          action: DENY
          rules: [{when: [{key: connection.sni, values: [a.vault.internal]}]}]
        """);
    Await.until("that name is refused", () -> opened("a.vault.internal").isEmpty());
    assertThat(opened("b.vault.internal")).isEqualTo("two");
  }

  @Test
  void portThatIsSaidToSpeakNoHttpIsNotLookedIntoAnyMore() throws Exception {
    assertThat(opened(web, "a.vault.internal")).isEmpty();
    renamePort("http", "tcp-web");
    Await.until("its TLS passes", () -> opened(web, "a.vault.internal").equals("one"));
    renamePort("http", "http-web");
    Await.until("requests are asked for", () -> opened(web, "a.vault.internal").isEmpty());
  }

  private static String tlsRoute(String name, String hostname, String service) {
    return """
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: TLSRoute
    metadata: {name: %s, namespace: mesh}
    spec:
      parentRefs: [{group: "", kind: Service, name: post, port: 443}]
      hostnames: [%s]
      rules: [{backendRefs: [{name: %s, port: 443}]}]
    """
        .formatted(name, hostname, service);
  }

  private void tcpRoute(String namespace, String backends) throws IOException {
    route(
        """
        apiVersion: v1
        kind: Namespace
        metadata: {name: guests}
        ---
        apiVersion: gateway.networking.k8s.io/v1
        kind: TCPRoute
        metadata: {name: mail, namespace: %s}
        spec:
          parentRefs: [{group: "", kind: Service, name: post, namespace: mesh, port: 25}]
          rules: [{backendRefs: [%s]}]
        """
            .formatted(namespace, backends));
  }
}

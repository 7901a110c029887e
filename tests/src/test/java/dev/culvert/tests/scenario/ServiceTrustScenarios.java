// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.app.AppConnection;
import dev.culvert.tests.app.HttpApp;
import dev.culvert.tests.app.HttpApp.Message;
import dev.culvert.tests.mesh.Await;
import dev.culvert.tests.mesh.Mesh;
import java.io.IOException;
import org.junit.jupiter.api.Test;

/** TLS that a waypoint speaks to backends, as BackendTLSPolicies ask. */
abstract class ServiceTrustScenarios extends RoutedServiceScenarios {
  private static final String HTTP_ROUTE =
      """
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: web, namespace: mesh}
      spec:
        parentRefs: [{group: "", kind: Service, name: post, sectionName: http}]
        rules: [{backendRefs: [{name: post-2, port: 443}]}]
      """;
  private static final String TCP_ROUTE =
      """
      ---
      apiVersion: gateway.networking.k8s.io/v1
      kind: TCPRoute
      metadata: {name: web, namespace: mesh}
      spec:
        parentRefs: [{group: "", kind: Service, name: post, port: 80}]
        rules: [{backendRefs: [{name: post-2, port: 443}]}]
      """;

  private final Mesh mesh;

  ServiceTrustScenarios(Mesh mesh) {
    super(mesh);
    this.mesh = mesh;
  }

  @Test
  void backendOfAnHttpRouteIsSpokenToInTlsWithinATunnel() throws Exception {
    assertThat(
            mesh.sourceIdentity(
                pod.v4(), mesh.neighbour(), mesh.neighbour().at(SECRET), this::awaitBackend))
        .contains(pod.identity());
  }

  private boolean awaitBackend() throws Exception {
    route(HTTP_ROUTE + policyFor("post-2", "tls", "b.vault.internal") + authorities());
    Await.until("it answers", () -> asked().equals("two"));
    return true;
  }

  @Test
  void backendThatProvesAnotherNameGetsNothing() throws Exception {
    awaitBackend();
    route(HTTP_ROUTE + policyFor("post-2", "tls", "other.internal") + authorities());
    Await.until("it is not believed", () -> status() == 503);
  }

  @Test
  void withoutAuthoritiesNothingIsSentToABackend() throws Exception {
    route(HTTP_ROUTE + policyFor("post-2", "tls", "b.vault.internal"));
    Await.until("it is closed", () -> status() == 500);
    assertThat(waypoint.awaitLog("no ConfigMap mesh/vault-authority")).contains("BackendTLSPolicy");
  }

  @Test
  void connectionOfATcpRouteIsCarriedOnInTls() throws Exception {
    route(TCP_ROUTE + policyFor("post-2", "tls", "b.vault.internal") + authorities());
    Await.until("it answers", () -> asked().equals("two"));
    try (AppConnection client = mesh.client().connect(web)) {
      assertThat(HttpApp.get(client, "/bytes").body())
          .startsWith("two\nGET /bytes")
          .doesNotContain("x-forwarded-for");
    }
  }

  @Test
  void requestsToTheServiceItselfAreInTlsAndItsClientsOwnTlsIsLeftAlone() throws Exception {
    route(
        policyFor("post", "http", "a.vault.internal")
            + policyFor("post", "tls", "a.vault.internal")
            + authorities());
    Await.until("it answers", () -> asked().equals("one"));
    assertThat(opened("a.vault.internal")).isEqualTo("one");
  }

  /** The name of the app that answers requests; empty when none does. */
  private String asked() {
    try (AppConnection client = mesh.client().connect(web)) {
      Message answer = HttpApp.get(client, "/");
      return answer.status() == 200 ? answer.body().lines().findFirst().orElse("") : "";
    } catch (IOException e) {
      return "";
    }
  }

  private int status() throws IOException {
    try (AppConnection client = mesh.client().connect(web)) {
      return HttpApp.get(client, "/").status();
    }
  }

  private static String policyFor(String service, String port, String name) {
    return """
    ---
    apiVersion: gateway.networking.k8s.io/v1
    kind: BackendTLSPolicy
    metadata: {name: %1$s-%2$s, namespace: mesh}
    spec:
      targetRefs: [{group: "", kind: Service, name: %1$s, sectionName: %2$s}]
      validation:
        caCertificateRefs: [{group: "", kind: ConfigMap, name: vault-authority}]
        hostname: %3$s
    """
        .formatted(service, port, name);
  }

  private String authorities() {
    return """
    ---
    apiVersion: v1
    kind: ConfigMap
    metadata: {name: vault-authority, namespace: mesh}
    data:
      ca.crt: |
    %s
    """
        .formatted(authority.pem().indent(4).stripTrailing());
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import static dev.culvert.controlplane.AskingCluster.GATEWAY_API;
import static dev.culvert.controlplane.AskingCluster.warnings;
import static dev.culvert.controlplane.peers.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a BackendTLSPolicy before it is stored. */
@Timeout(90)
@TestInstance(Lifecycle.PER_CLASS)
class BackendTlsWebhookTest {
  private static final String DOOR =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: store, namespace: shop}
      spec: {gatewayClassName: culvert-gateway, listeners: [{name: http, port: 80, protocol: HTTP}]}
      """;
  private static final String ROUTE =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: HTTPRoute
      metadata: {name: split, namespace: shop}
      spec:
        parentRefs: [{name: store}]
        rules: [{backendRefs: [{name: cart, port: 80}]}]
      """;
  private static final String POLICY =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: BackendTLSPolicy
      metadata: {name: rules, namespace: shop}
      spec:
        targetRefs: [{group: "", kind: Service, name: %s}]
        validation: {%s, hostname: cart.internal}
      """;
  private static final String BY_MAP =
      "caCertificateRefs: [{group: '', kind: ConfigMap, name: %s}]";
  private static final String BAD = POLICY.formatted("cart", "wellKnownCACertificates: Systen");
  private static final String GOOD = POLICY.formatted("cart", "wellKnownCACertificates: System");

  /** Whoever else is for the service goes before it. */
  private static final String LATE =
      GOOD.replace("name: rules", "name: late, creationTimestamp: \"2099-01-01T00:00:00Z\"");

  private AskingCluster asked;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    asked = new AskingCluster(folder);
  }

  @AfterEach
  void clear() throws Exception {
    asked.delete(GATEWAY_API, "backendtlspolicies", "rules");
    asked.delete(GATEWAY_API, "backendtlspolicies", "old");
    await(() -> !asked.review(LATE).contains("Conflicted"));
    asked.delete(GATEWAY_API, "gateways", "store");
    asked.delete(GATEWAY_API, "httproutes", "split");
    await(() -> asked.review(BAD).contains("\"allowed\":true"));
  }

  @AfterAll
  void stop() {
    asked.close();
  }

  @Test
  void unreadableBackendTlsPolicyIsRefusedWhereThereIsAFrontDoor() throws Exception {
    HttpResponse<String> theirs = asked.create(GATEWAY_API, "backendtlspolicies", BAD);
    assertThat(theirs.statusCode()).as("no front door is there").isEqualTo(201);
    assertThat(warnings(theirs)).isEmpty();
    asked.delete(GATEWAY_API, "backendtlspolicies", "rules");
    openDoor();
    HttpResponse<String> ours = asked.create(GATEWAY_API, "backendtlspolicies", BAD);
    assertThat(ours.statusCode()).isEqualTo(422);
    assertThat(ours.body()).contains("spec.validation.wellKnownCACertificates", "System");
  }

  @Test
  void soundBackendTlsPolicyIsStoredWithoutAWord() throws Exception {
    openDoor();
    HttpResponse<String> answer = asked.create(GATEWAY_API, "backendtlspolicies", GOOD);
    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(warnings(answer)).isEmpty();
  }

  @Test
  void backendTlsPolicyForNoServiceIsWarnedOf() throws Exception {
    openDoor();
    HttpResponse<String> answer =
        asked.create(
            GATEWAY_API,
            "backendtlspolicies",
            POLICY.formatted("crat", "wellKnownCACertificates: System"));
    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(warnings(answer))
        .singleElement()
        .asString()
        .contains("Accepted False (TargetNotFound)", "there is no Service shop/crat");
  }

  @Test
  void youngerBackendTlsPolicyOfTwoIsWarnedThatItHasNoEffect() throws Exception {
    openDoor();
    String when = "name: %s, creationTimestamp: \"2026-0%d-01T00:00:00Z\"";
    asked.server().apply(GOOD.replace("name: rules", when.formatted("old", 1)));
    await(() -> asked.said(GATEWAY_API, "backendtlspolicies", "old").contains("Accepted"));
    HttpResponse<String> answer =
        asked.create(
            GATEWAY_API,
            "backendtlspolicies",
            GOOD.replace("name: rules", when.formatted("rules", 2)));
    assertThat(warnings(answer))
        .singleElement()
        .asString()
        .contains("Accepted False (Conflicted)", "BackendTLSPolicy shop/old");
  }

  @Test
  void authorityIsWarnedOfOnceItIsKnown() throws Exception {
    openDoor();
    String policy = POLICY.formatted("cart", BY_MAP.formatted("empty"));
    HttpResponse<String> first = asked.create(GATEWAY_API, "backendtlspolicies", policy);
    assertThat(first.statusCode()).isEqualTo(201);
    assertThat(warnings(first)).as("nobody had named it, so it had not been read").isEmpty();
    await(
        () ->
            asked
                .said(GATEWAY_API, "backendtlspolicies", "rules")
                .contains("InvalidCACertificateRef"));
    HttpResponse<String> again =
        asked.send(
            "PUT", AskingCluster.collection(GATEWAY_API, "backendtlspolicies") + "/rules", policy);
    assertThat(warnings(again))
        .hasSize(2)
        .anyMatch(one -> one.contains("NoValidCACertificate"))
        .anyMatch(one -> one.contains("ConfigMap shop/empty: ca.crt holds no certificate"));
  }

  @Test
  void authorityOfAnotherKindIsWarnedOfAtOnce() throws Exception {
    openDoor();
    HttpResponse<String> answer =
        asked.create(
            GATEWAY_API,
            "backendtlspolicies",
            POLICY.formatted("cart", BY_MAP.formatted("ca").replace("ConfigMap", "Secret")));
    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(warnings(answer)).hasSize(2).anyMatch(one -> one.contains("InvalidKind"));
  }

  /** Its route is attached, and so what is for the route's services is ours. */
  private void openDoor() throws Exception {
    asked.server().apply(DOOR + "---\n" + ROUTE);
    await(() -> asked.said(GATEWAY_API, "httproutes", "split").contains("Accepted"));
  }
}

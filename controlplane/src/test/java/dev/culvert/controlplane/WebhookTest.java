// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import static dev.culvert.controlplane.AskingCluster.GATEWAY_API;
import static dev.culvert.controlplane.AskingCluster.OWN;
import static dev.culvert.controlplane.AskingCluster.warnings;
import static dev.culvert.controlplane.peers.Await.await;
import static org.assertj.core.api.Assertions.assertThat;

import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * An API server that asks a control plane before it stores an object: the same is said of it then,
 * as in its status later.
 */
@Timeout(90)
@TestInstance(Lifecycle.PER_CLASS)
class WebhookTest {
  private static final String POLICY =
      """
      apiVersion: policy.culvert.dev/v1alpha1
      kind: AuthorizationPolicy
      metadata: {name: rules, namespace: shop}
      spec: %s
      """;
  private static final String GATEWAY =
      """
      apiVersion: gateway.networking.k8s.io/v1
      kind: Gateway
      metadata: {name: store, namespace: shop}
      spec: {gatewayClassName: %s, listeners: [{name: mesh, port: 15008, protocol: %s}]}
      """;

  private AskingCluster asked;

  @BeforeAll
  void start(@TempDir Path folder) throws Exception {
    asked = new AskingCluster(folder);
  }

  @AfterEach
  void clear() {
    for (String name : List.of("rules", "old", "young")) {
      asked.delete(OWN, "authorizationpolicies", name);
      asked.delete(OWN, "peerauthentications", name);
    }
    asked.delete(GATEWAY_API, "gateways", "store");
    asked.delete(GATEWAY_API, "httproutes", "split");
    asked.delete("v1", "services", "other");
  }

  @AfterAll
  void stop() {
    asked.close();
  }

  @Test
  void soundPolicyIsStoredWithoutAWord() throws Exception {
    HttpResponse<String> answer =
        asked.create(OWN, "authorizationpolicies", POLICY.formatted("{}"));
    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(warnings(answer)).isEmpty();
  }

  @Test
  void unreadablePolicyIsRefusedWithFieldAndRemedy() throws Exception {
    HttpResponse<String> answer =
        asked.create(OWN, "authorizationpolicies", POLICY.formatted("{action: ALOW}"));
    assertThat(answer.statusCode()).isEqualTo(422);
    assertThat(answer.body())
        .contains("policies.validator.culvert.dev", "spec.action", "did you mean", "ALLOW");
    assertThat(asked.find(OWN, "authorizationpolicies", "rules")).isEmpty();
  }

  @Test
  void statusSaysLaterWhatIsWarnedOfNow() throws Exception {
    HttpResponse<String> answer =
        asked.create(
            OWN,
            "authorizationpolicies",
            POLICY.formatted(
                "{targetRefs: [{group: '', kind: Service, name: crat}], action: DENY,"
                    + " rules: [{}]}"));
    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(warnings(answer))
        .singleElement()
        .asString()
        .contains("WaypointBound False (TargetNotFound)", "there is no Service shop/crat");
    await(() -> asked.said(OWN, "authorizationpolicies", "rules").contains("TargetNotFound"));
    assertThat(asked.said(OWN, "authorizationpolicies", "rules"))
        .contains("there is no Service shop/crat");
  }

  @Test
  void whatATranslationDropsIsWarnedOf() throws Exception {
    HttpResponse<String> answer =
        asked.create(
            OWN,
            "authorizationpolicies",
            POLICY.formatted("{rules: [{to: [{operation: {methods: [GET]}}]}]}"));
    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(warnings(answer))
        .singleElement()
        .asString()
        .contains("PartiallyInvalid True", "rules[0]", "use a waypoint");
  }

  @Test
  void youngerOfTwoIsWarnedThatItHasNoEffect() throws Exception {
    String policy =
        """
        apiVersion: policy.culvert.dev/v1alpha1
        kind: PeerAuthentication
        metadata: {name: %s, namespace: shop, creationTimestamp: "%s"}
        spec: {mtls: {mode: STRICT}}
        """;
    asked.server().apply(policy.formatted("old", "2026-01-01T00:00:00Z"));
    await(() -> asked.said(OWN, "peerauthentications", "old").contains("in force"));
    HttpResponse<String> answer =
        asked.create(OWN, "peerauthentications", policy.formatted("young", "2026-02-01T00:00:00Z"));
    assertThat(warnings(answer))
        .singleElement()
        .asString()
        .contains("Accepted False (Conflicted)", "PeerAuthentication shop/old");
  }

  @Test
  void finalizerOfAnUnreadablePolicyCanGoAndItsSpecCannotStayBad() throws Exception {
    String bad = POLICY.formatted("{action: ALOW}");
    asked.server().apply(bad);
    HttpResponse<String> touched =
        asked.update(OWN, "authorizationpolicies", bad.replace("name:", "finalizers: [], name:"));
    assertThat(touched.statusCode()).isEqualTo(200);
    assertThat(warnings(touched)).singleElement().asString().contains("Accepted False (Invalid)");
    HttpResponse<String> edited =
        asked.update(OWN, "authorizationpolicies", POLICY.formatted("{action: DENI}"));
    assertThat(edited.statusCode()).isEqualTo(422);
    HttpResponse<String> mended =
        asked.update(OWN, "authorizationpolicies", POLICY.formatted("{}"));
    assertThat(mended.statusCode()).isEqualTo(200);
  }

  @Test
  void unreadableGatewayOfOursIsRefusedAndAnyOtherIsNotOurs() throws Exception {
    HttpResponse<String> ours =
        asked.create(GATEWAY_API, "gateways", GATEWAY.formatted("culvert-waypoint", "HBOEN"));
    assertThat(ours.statusCode()).isEqualTo(422);
    assertThat(ours.body()).contains("protocol", "did you mean 'HBONE'?");
    HttpResponse<String> theirs =
        asked.create(GATEWAY_API, "gateways", GATEWAY.formatted("example", "HBOEN"));
    assertThat(theirs.statusCode()).isEqualTo(201);
    assertThat(warnings(theirs)).isEmpty();
  }

  @Test
  void listenerThatIsNotServedIsWarnedOf() throws Exception {
    HttpResponse<String> answer =
        asked.create(GATEWAY_API, "gateways", GATEWAY.formatted("culvert-waypoint", "TCP"));
    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(warnings(answer))
        .singleElement()
        .asString()
        .contains("Accepted False (UnsupportedProtocol)", "write HBONE");
  }

  @Test
  void routeIsStoredWithWhatItLacks() throws Exception {
    HttpResponse<String> answer =
        asked.create(
            GATEWAY_API,
            "httproutes",
            """
            apiVersion: gateway.networking.k8s.io/v1
            kind: HTTPRoute
            metadata: {name: split, namespace: shop}
            spec:
              parentRefs: [{group: "", kind: Service, name: cart}]
              rules: [{backendRefs: [{name: gone, port: 80}]}]
            """);
    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(warnings(answer))
        .hasSize(2)
        .anyMatch(one -> one.contains("BackendNotFound"))
        .anyMatch(one -> one.contains("AncestorNotBound"));
  }

  @Test
  void serviceWhoseWaypointIsNotThereIsWarnedOf() throws Exception {
    HttpResponse<String> answer =
        asked.create(
            "v1",
            "services",
            """
            apiVersion: v1
            kind: Service
            metadata: {name: other, namespace: shop, labels: {culvert.dev/use-waypoint: sotre}}
            spec: {clusterIP: 198.18.1.2, ports: [{port: 80}]}
            """);
    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(warnings(answer)).singleElement().asString().contains("shop/sotre is not there");
  }

  @Test
  void nameThatIsGivenLaterIsNoFault() throws Exception {
    String review =
        """
        {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
          "uid": "u-1", "operation": "CREATE", "namespace": "shop", "object": {
            "apiVersion": "%s", "kind": "AuthorizationPolicy",
            "metadata": {"generateName": "rules-"}, "spec": {"action": "DENY"}}}}
        """
            .formatted(OWN);
    HttpResponse<String> answer = asked.ask("POST", "/validate", review);
    assertThat(answer.statusCode()).isEqualTo(200);
    assertThat(answer.body()).contains("\"uid\":\"u-1\"", "\"allowed\":true", "add a rule");
  }

  @Test
  void kindThatIsNotReadIsAllowed() throws Exception {
    String review =
        """
        {"apiVersion": "admission.k8s.io/v1", "kind": "AdmissionReview", "request": {
          "uid": "u-2", "object": {"apiVersion": "example.com/v1", "kind": "Thing"}}}
        """;
    assertThat(asked.ask("POST", "/validate", review).body()).contains("\"allowed\":true");
  }

  /** Nobody asks about them; whoever makes the API server ask is told nothing. */
  @Test
  void secretsAndConfigMapsAreAllowedWhateverTheyHold() {
    for (String kind : List.of("Secret", "ConfigMap")) {
      String review =
          asked.review(
              """
              apiVersion: v1
              kind: %s
              metadata: {name: tls, namespace: shop}
              type: kubernetes.io/tls
              data: {tls.crt: "no base64!", ca.crt: "no certificate"}
              """
                  .formatted(kind));
      assertThat(review).as(kind).contains("\"allowed\":true").doesNotContain("warnings");
    }
  }

  @Test
  void whatIsNoReviewIsABadRequest() throws Exception {
    for (String body :
        List.of(
            "",
            "hello",
            "[]",
            "{}",
            "{\"apiVersion\": \"admission.k8s.io/v1beta1\", \"kind\": \"AdmissionReview\"}",
            "{\"apiVersion\": \"admission.k8s.io/v1\", \"kind\": \"AdmissionReview\"}",
            "{\"apiVersion\": \"admission.k8s.io/v1\", \"kind\": \"AdmissionReview\","
                + " \"request\": {\"uid\": \"u\", \"object\": null}}")) {
      assertThat(asked.ask("POST", "/validate", body).statusCode()).as(body).isEqualTo(400);
    }
    assertThat(asked.ask("POST", "/validate", "x".repeat(8 * 1024 * 1024 + 20_000)).statusCode())
        .isEqualTo(413);
    assertThat(asked.ask("GET", "/validate", "").statusCode()).isEqualTo(405);
    assertThat(asked.ask("POST", "/other", "").statusCode()).isEqualTo(404);
  }
}

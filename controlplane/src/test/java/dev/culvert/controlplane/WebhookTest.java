// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.controlplane.source.kubernetes.ApiServer;
import dev.culvert.policy.settings.Settings;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;
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
  private static final KubernetesSerialization JSON = new KubernetesSerialization();
  private static final String OWN = "policy.culvert.dev/v1alpha1";
  private static final String GATEWAY_API = "gateway.networking.k8s.io/v1";
  private static final String MESH =
      """
      apiVersion: v1
      kind: Namespace
      metadata: {name: shop, labels: {culvert.dev/dataplane-mode: ambient}}
      ---
      apiVersion: v1
      kind: Service
      metadata: {name: cart, namespace: shop}
      spec: {clusterIP: 198.18.1.1, ports: [{name: http, port: 80}]}
      """;
  private static final String CONFIGURATION =
      """
      apiVersion: admissionregistration.k8s.io/v1
      kind: ValidatingWebhookConfiguration
      metadata: {name: culvert-validator}
      webhooks:
        - name: policies.validator.culvert.dev
          admissionReviewVersions: [v1]
          sideEffects: None
          failurePolicy: Fail
          clientConfig: {url: "https://localhost:PORT/validate"}
          rules:
            - apiGroups: [policy.culvert.dev, security.istio.io, gateway.networking.k8s.io, ""]
              apiVersions: ["*"]
              operations: [CREATE, UPDATE]
              resources:
                - authorizationpolicies
                - peerauthentications
                - requestauthentications
                - gateways
                - httproutes
                - services
      """;
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

  private Path folder;
  private ApiServer server;
  private ControlPlane plane;

  @BeforeAll
  void start(@TempDir Path temporary) throws Exception {
    folder = temporary;
    server = new ApiServer();
    server.apply(MESH);
    for (String kind : List.of("gateways", "httproutes")) {
      server.install(GATEWAY_API, kind);
    }
    for (String kind : List.of("authorizationpolicies", "peerauthentications")) {
      server.install(OWN, kind);
    }
    plane = plane();
    server.apply(
        CONFIGURATION.replace("PORT", Integer.toString(plane.webhookPort().orElseThrow())));
    await(() -> configuration().get("webhooks", 0, "clientConfig", "caBundle") != null);
  }

  @AfterEach
  void clear() {
    for (String name : List.of("rules", "old", "young")) {
      delete(OWN, "authorizationpolicies", name);
      delete(OWN, "peerauthentications", name);
    }
    delete(GATEWAY_API, "gateways", "store");
    delete(GATEWAY_API, "httproutes", "split");
    delete("v1", "services", "other");
  }

  @AfterAll
  void stop() {
    plane.close();
    server.close();
  }

  @Test
  void soundPolicyIsStoredWithoutAWord() throws Exception {
    HttpResponse<String> answer = create(OWN, "authorizationpolicies", POLICY.formatted("{}"));
    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(warnings(answer)).isEmpty();
  }

  @Test
  void unreadablePolicyIsRefusedWithFieldAndRemedy() throws Exception {
    HttpResponse<String> answer =
        create(OWN, "authorizationpolicies", POLICY.formatted("{action: ALOW}"));
    assertThat(answer.statusCode()).isEqualTo(422);
    assertThat(answer.body())
        .contains("policies.validator.culvert.dev", "spec.action", "did you mean", "ALLOW");
    assertThat(find(OWN, "authorizationpolicies", "rules")).isEmpty();
  }

  @Test
  void statusSaysLaterWhatIsWarnedOfNow() throws Exception {
    HttpResponse<String> answer =
        create(
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
    await(() -> said("authorizationpolicies", "rules").contains("TargetNotFound"));
    assertThat(said("authorizationpolicies", "rules")).contains("there is no Service shop/crat");
  }

  @Test
  void whatATranslationDropsIsWarnedOf() throws Exception {
    HttpResponse<String> answer =
        create(
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
    server.apply(policy.formatted("old", "2026-01-01T00:00:00Z"));
    await(() -> said("peerauthentications", "old").contains("in force"));
    HttpResponse<String> answer =
        create(OWN, "peerauthentications", policy.formatted("young", "2026-02-01T00:00:00Z"));
    assertThat(warnings(answer))
        .singleElement()
        .asString()
        .contains("Accepted False (Conflicted)", "PeerAuthentication shop/old");
  }

  @Test
  void finalizerOfAnUnreadablePolicyCanGoAndItsSpecCannotStayBad() throws Exception {
    String bad = POLICY.formatted("{action: ALOW}");
    server.apply(bad);
    HttpResponse<String> touched =
        update(OWN, "authorizationpolicies", bad.replace("name:", "finalizers: [], name:"));
    assertThat(touched.statusCode()).isEqualTo(200);
    assertThat(warnings(touched)).singleElement().asString().contains("Accepted False (Invalid)");
    HttpResponse<String> edited =
        update(OWN, "authorizationpolicies", POLICY.formatted("{action: DENI}"));
    assertThat(edited.statusCode()).isEqualTo(422);
    HttpResponse<String> mended = update(OWN, "authorizationpolicies", POLICY.formatted("{}"));
    assertThat(mended.statusCode()).isEqualTo(200);
  }

  @Test
  void unreadableGatewayOfOursIsRefusedAndAnyOtherIsNotOurs() throws Exception {
    HttpResponse<String> ours =
        create(GATEWAY_API, "gateways", GATEWAY.formatted("culvert-waypoint", "HBOEN"));
    assertThat(ours.statusCode()).isEqualTo(422);
    assertThat(ours.body()).contains("protocol", "did you mean 'HBONE'?");
    HttpResponse<String> theirs =
        create(GATEWAY_API, "gateways", GATEWAY.formatted("example", "HBOEN"));
    assertThat(theirs.statusCode()).isEqualTo(201);
    assertThat(warnings(theirs)).isEmpty();
  }

  @Test
  void listenerThatIsNotServedIsWarnedOf() throws Exception {
    HttpResponse<String> answer =
        create(GATEWAY_API, "gateways", GATEWAY.formatted("culvert-waypoint", "TCP"));
    assertThat(answer.statusCode()).isEqualTo(201);
    assertThat(warnings(answer))
        .singleElement()
        .asString()
        .contains("Accepted False (UnsupportedProtocol)", "write HBONE");
  }

  @Test
  void routeIsStoredWithWhatItLacks() throws Exception {
    HttpResponse<String> answer =
        create(
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
        create(
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
    HttpResponse<String> answer = ask("POST", "/validate", review);
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
    assertThat(ask("POST", "/validate", review).body()).contains("\"allowed\":true");
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
      assertThat(ask("POST", "/validate", body).statusCode()).as(body).isEqualTo(400);
    }
    assertThat(ask("POST", "/validate", "x".repeat(8 * 1024 * 1024 + 20_000)).statusCode())
        .isEqualTo(413);
    assertThat(ask("GET", "/validate", "").statusCode()).isEqualTo(405);
    assertThat(ask("POST", "/other", "").statusCode()).isEqualTo(404);
  }

  private ControlPlane plane() throws IOException {
    Path kubeconfig = folder.resolve("kubeconfig");
    Files.writeString(
        kubeconfig,
        """
        apiVersion: v1
        kind: Config
        current-context: test
        contexts: [{name: test, context: {cluster: test, user: test}}]
        clusters: [{name: test, cluster: {server: "%s"}}]
        users: [{name: test, user: {}}]
        """
            .formatted(server.url()));
    Map<String, String> settings = new HashMap<>();
    settings.put("source", "kubernetes");
    settings.put("kubeconfig", kubeconfig.toString());
    settings.put("state", folder.resolve("state").toString());
    settings.put("listen", "127.0.0.1:0");
    settings.put("webhook-listen", "127.0.0.1:0");
    settings.put("drain", "1s");
    return ControlPlane.start(
        ControlPlaneConfig.from(Settings.of(ControlPlaneConfig.settings(), settings)));
  }

  private HttpResponse<String> create(String apiVersion, String plural, String yaml)
      throws Exception {
    return send("POST", collection(apiVersion, plural), yaml);
  }

  private HttpResponse<String> update(String apiVersion, String plural, String yaml)
      throws Exception {
    return send("PUT", collection(apiVersion, plural) + "/rules", yaml);
  }

  private static String collection(String apiVersion, String plural) {
    String root = apiVersion.contains("/") ? "/apis/" : "/api/";
    return root + apiVersion + "/namespaces/shop/" + plural;
  }

  private HttpResponse<String> send(String method, String path, String yaml) throws Exception {
    String json = JSON.asJson(JSON.unmarshal(yaml, GenericKubernetesResource.class));
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
          HttpRequest.newBuilder(URI.create(server.url() + path))
              .header("Content-Type", "application/json")
              .method(method, BodyPublishers.ofString(json))
              .build(),
          BodyHandlers.ofString());
    }
  }

  /** As anybody may. */
  private HttpResponse<String> ask(String method, String path, String body) throws Exception {
    SSLContext trusting = SSLContext.getInstance("TLS");
    trusting.init(null, new TrustManager[] {new Anybody()}, null);
    try (HttpClient http = HttpClient.newBuilder().sslContext(trusting).build()) {
      URI uri =
          URI.create("https://localhost:%d%s".formatted(plane.webhookPort().orElseThrow(), path));
      return http.send(
          HttpRequest.newBuilder(uri).method(method, BodyPublishers.ofString(body)).build(),
          BodyHandlers.ofString());
    }
  }

  /** What is verified is the other tests' concern. */
  private static final class Anybody implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String type) {
      throw new UnsupportedOperationException();
    }

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String type) {
      assertThat(chain).isNotEmpty();
    }

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  private static List<String> warnings(HttpResponse<String> answer) {
    return answer.headers().allValues("Warning");
  }

  private GenericKubernetesResource configuration() {
    return server
        .find(
            "admissionregistration.k8s.io/v1",
            "validatingwebhookconfigurations",
            "culvert-validator")
        .orElseThrow();
  }

  private Optional<GenericKubernetesResource> find(String apiVersion, String plural, String name) {
    return server.find(apiVersion, plural, "shop", name);
  }

  private void delete(String apiVersion, String plural, String name) {
    if (find(apiVersion, plural, name).isPresent()) {
      server.delete(apiVersion, plural, "shop", name);
    }
  }

  private String said(String plural, String name) {
    return find(OWN, plural, name).map(one -> String.valueOf(one.<Object>get("status"))).orElse("");
  }

  private static void await(BooleanSupplier condition) throws InterruptedException {
    while (!condition.getAsBoolean()) {
      Thread.sleep(1);
    }
  }
}

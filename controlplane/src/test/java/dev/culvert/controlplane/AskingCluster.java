// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import static dev.culvert.controlplane.peers.Await.await;
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
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/** An API server that asks a control plane before it stores an object. */
final class AskingCluster implements AutoCloseable {
  static final String OWN = "policy.culvert.dev/v1alpha1";
  static final String GATEWAY_API = "gateway.networking.k8s.io/v1";

  private static final KubernetesSerialization JSON = new KubernetesSerialization();
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
      ---
      apiVersion: v1
      kind: ConfigMap
      metadata: {name: empty, namespace: shop}
      data: {ca.crt: ""}
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
                - backendtlspolicies
                - services
      """;

  private final Path folder;
  private final ApiServer server = new ApiServer();
  private final ControlPlane plane;

  /**
   * @param folder where the control plane keeps its state
   */
  AskingCluster(Path folder) throws Exception {
    this.folder = folder;
    server.apply(MESH);
    for (String kind : List.of("gateways", "httproutes", "backendtlspolicies")) {
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

  ApiServer server() {
    return server;
  }

  private ControlPlane plane() throws IOException {
    Map<String, String> settings = new HashMap<>();
    settings.put("source", "kubernetes");
    settings.put("kubeconfig", server.kubeconfig(folder).toString());
    settings.put("state", folder.resolve("state").toString());
    settings.put("listen", "127.0.0.1:0");
    settings.put("webhook-listen", "127.0.0.1:0");
    settings.put("drain", "1s");
    return ControlPlane.start(
        ControlPlaneConfig.from(Settings.of(ControlPlaneConfig.settings(), settings)));
  }

  HttpResponse<String> create(String apiVersion, String plural, String yaml) throws Exception {
    return send("POST", collection(apiVersion, plural), yaml);
  }

  HttpResponse<String> update(String apiVersion, String plural, String yaml) throws Exception {
    return send("PUT", collection(apiVersion, plural) + "/rules", yaml);
  }

  static String collection(String apiVersion, String plural) {
    String root = apiVersion.contains("/") ? "/apis/" : "/api/";
    return root + apiVersion + "/namespaces/shop/" + plural;
  }

  HttpResponse<String> send(String method, String path, String yaml) throws Exception {
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

  /** What would be said of an object. */
  String review(String yaml) {
    Map<String, Object> request =
        Map.of("uid", "u-3", "namespace", "shop", "object", JSON.unmarshal(yaml, Map.class));
    try {
      return ask(
              "POST",
              "/validate",
              JSON.asJson(
                  Map.of(
                      "apiVersion",
                      "admission.k8s.io/v1",
                      "kind",
                      "AdmissionReview",
                      "request",
                      request)))
          .body();
    } catch (Exception e) {
      throw new AssertionError(e);
    }
  }

  /** As anybody may. */
  HttpResponse<String> ask(String method, String path, String body) throws Exception {
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

  static List<String> warnings(HttpResponse<String> answer) {
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

  Optional<GenericKubernetesResource> find(String apiVersion, String plural, String name) {
    return server.find(apiVersion, plural, "shop", name);
  }

  void delete(String apiVersion, String plural, String name) {
    if (find(apiVersion, plural, name).isPresent()) {
      server.delete(apiVersion, plural, "shop", name);
    }
  }

  String said(String apiVersion, String plural, String name) {
    return find(apiVersion, plural, name)
        .map(one -> String.valueOf(one.<Object>get("status")))
        .orElse("");
  }

  @Override
  public void close() {
    plane.close();
    server.close();
  }
}

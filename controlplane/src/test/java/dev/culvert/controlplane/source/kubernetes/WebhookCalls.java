// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.utils.KubernetesSerialization;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;

/**
 * Asks validating webhooks before an object is stored, as an API server does (admission.k8s.io/v1):
 * those whose rules match, over HTTPS that only their caBundle verifies, by their failurePolicy.
 */
final class WebhookCalls {
  private static final KubernetesSerialization JSON = new KubernetesSerialization();

  /**
   * What came of them.
   *
   * @param code 200 when the object may be stored
   */
  record Outcome(int code, String message, List<String> warnings) {}

  private record Asked(
      ApiPath path, String operation, GenericKubernetesResource sent, Object before) {}

  private final List<String> warnings = new ArrayList<>();

  private WebhookCalls() {}

  static Outcome ask(
      List<GenericKubernetesResource> configurations,
      ApiPath path,
      GenericKubernetesResource sent,
      GenericKubernetesResource before)
      throws InterruptedException {
    WebhookCalls calls = new WebhookCalls();
    Asked asked = new Asked(path, before == null ? "CREATE" : "UPDATE", sent, before);
    for (GenericKubernetesResource configuration : configurations) {
      List<Map<String, Object>> webhooks = configuration.get("webhooks");
      for (Map<String, Object> webhook : webhooks) {
        if (matches(webhook, asked)) {
          Outcome outcome = calls.ask(webhook, asked);
          if (outcome.code() != 200) {
            return outcome;
          }
        }
      }
    }
    return new Outcome(200, "", calls.warnings);
  }

  private static boolean matches(Map<String, Object> webhook, Asked asked) {
    String groupVersion = asked.path().groupVersion();
    int slash = groupVersion.indexOf('/');
    String group = slash < 0 ? "" : groupVersion.substring(0, slash);
    return ((List<?>) webhook.get("rules"))
        .stream()
            .map(rule -> (Map<?, ?>) rule)
            .anyMatch(
                rule ->
                    names(rule, "apiGroups", group)
                        && names(rule, "apiVersions", groupVersion.substring(slash + 1))
                        && names(rule, "resources", asked.path().plural())
                        && names(rule, "operations", asked.operation()));
  }

  private static boolean names(Map<?, ?> rule, String field, String value) {
    List<?> all = (List<?>) rule.get(field);
    return all.contains("*") || all.contains(value);
  }

  private Outcome ask(Map<String, Object> webhook, Asked asked) throws InterruptedException {
    Map<?, ?> response;
    try {
      response = call((Map<?, ?>) webhook.get("clientConfig"), asked);
    } catch (IOException | GeneralSecurityException e) {
      return "Ignore".equals(webhook.get("failurePolicy"))
          ? new Outcome(200, "", List.of())
          : new Outcome(
              500,
              "failed calling webhook \"%s\": %s".formatted(webhook.get("name"), e),
              List.of());
    }
    if (response.get("warnings") instanceof List<?> more) {
      more.forEach(one -> warnings.add((String) one));
    }
    if (Boolean.TRUE.equals(response.get("allowed"))) {
      return new Outcome(200, "", List.of());
    }
    Map<?, ?> status = (Map<?, ?>) response.get("status");
    return new Outcome(
        (Integer) status.get("code"),
        "admission webhook \"%s\" denied the request: %s"
            .formatted(webhook.get("name"), status.get("message")),
        List.of());
  }

  private static Map<?, ?> call(Map<?, ?> config, Asked asked)
      throws IOException, GeneralSecurityException, InterruptedException {
    String uid = UUID.randomUUID().toString();
    HttpRequest request =
        HttpRequest.newBuilder(URI.create((String) config.get("url")))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofString(JSON.asJson(review(uid, asked))))
            .build();
    try (HttpClient client =
        HttpClient.newBuilder().sslContext(trusting((String) config.get("caBundle"))).build()) {
      HttpResponse<String> answer = client.send(request, BodyHandlers.ofString());
      if (answer.statusCode() != 200) {
        throw new IOException("status %d: %s".formatted(answer.statusCode(), answer.body()));
      }
      Map<?, ?> response = (Map<?, ?>) JSON.unmarshal(answer.body(), Map.class).get("response");
      if (!uid.equals(response.get("uid"))) {
        throw new IOException("the answer is to another review");
      }
      return response;
    }
  }

  private static Map<String, Object> review(String uid, Asked asked) {
    String groupVersion = asked.path().groupVersion();
    int slash = groupVersion.indexOf('/');
    String group = slash < 0 ? "" : groupVersion.substring(0, slash);
    String version = groupVersion.substring(slash + 1);
    Map<String, Object> request = new HashMap<>();
    request.put("uid", uid);
    request.put("kind", Map.of("group", group, "version", version, "kind", asked.sent().getKind()));
    request.put(
        "resource", Map.of("group", group, "version", version, "resource", asked.path().plural()));
    request.put("name", asked.sent().getMetadata().getName());
    request.put("namespace", asked.path().namespace());
    request.put("operation", asked.operation());
    request.put("userInfo", Map.of("username", "admin", "groups", List.of("system:masters")));
    request.put("object", asked.sent());
    request.put("oldObject", asked.before());
    request.put("dryRun", false);
    return Map.of(
        "apiVersion", "admission.k8s.io/v1", "kind", "AdmissionReview", "request", request);
  }

  /** Nothing but the bundle; the client's own check of the host name is on. */
  private static SSLContext trusting(String bundle) throws GeneralSecurityException, IOException {
    KeyStore store = KeyStore.getInstance(KeyStore.getDefaultType());
    store.load(null, null);
    byte[] pem = Base64.getDecoder().decode(bundle == null ? "" : bundle);
    for (Certificate root :
        CertificateFactory.getInstance("X.509")
            .generateCertificates(new ByteArrayInputStream(pem))) {
      store.setCertificateEntry("root-" + store.size(), root);
    }
    TrustManagerFactory trust =
        TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
    trust.init(store);
    SSLContext context = SSLContext.getInstance("TLS");
    context.init(null, trust.getTrustManagers(), null);
    return context;
  }

  /** As the header Warning has it (RFC 7234, 299). */
  static String header(String warning) {
    return "299 - \"%s\"".formatted(warning.replace("\\", "\\\\").replace("\"", "\\\""));
  }
}

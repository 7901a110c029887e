// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.admission;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.culvert.controlplane.source.kubernetes.ApiServer;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the API server verifies the webhook with. */
@Timeout(60)
class WebhookTrustTest {
  private static final String API = "admissionregistration.k8s.io/v1";
  private static final String PLURAL = "validatingwebhookconfigurations";
  private static final String CONFIGURATION =
      """
      apiVersion: admissionregistration.k8s.io/v1
      kind: ValidatingWebhookConfiguration
      metadata: {name: culvert-validator}
      webhooks:
        - {name: one, clientConfig: {service: {name: a, namespace: b}}}
        - {name: two, clientConfig: {service: {name: a, namespace: b}, caBundle: b2xk}}
      """;

  private ApiServer server;
  private KubernetesClient client;
  private boolean leads = true;
  private String roots = "ROOT 1";
  private WebhookTrust trust;

  @BeforeEach
  void open() throws Exception {
    server = new ApiServer();
    client = server.client();
    trust = new WebhookTrust(client, "culvert-validator", () -> roots, () -> leads);
  }

  @AfterEach
  void close() {
    client.close();
    server.close();
  }

  @Test
  void everyWebhookOfTheConfigurationVerifiesWithTheRoots() {
    server.apply(CONFIGURATION);
    trust.run();
    assertThat(bundles()).containsExactly("ROOT 1", "ROOT 1");
    assertThat(configuration().<Object>get("webhooks", 0, "clientConfig", "service", "name"))
        .isEqualTo("a");
  }

  @Test
  void rootThatFollowsIsTrustedToo() {
    server.apply(CONFIGURATION);
    trust.run();
    roots = "ROOT 1 ROOT 2";
    trust.run();
    assertThat(bundles()).containsExactly("ROOT 1 ROOT 2", "ROOT 1 ROOT 2");
  }

  @Test
  void whatIsThereAlreadyIsNotWritten() {
    server.apply(CONFIGURATION);
    trust.run();
    String version = configuration().getMetadata().getResourceVersion();
    trust.run();
    assertThat(configuration().getMetadata().getResourceVersion()).isEqualTo(version);
  }

  @Test
  void whatSomebodyOverwroteIsPutRight() {
    server.apply(CONFIGURATION);
    trust.run();
    server.apply(CONFIGURATION);
    trust.run();
    assertThat(bundles()).containsExactly("ROOT 1", "ROOT 1");
  }

  @Test
  void replicaThatDoesNotLeadWritesNothing() {
    server.apply(CONFIGURATION);
    leads = false;
    trust.run();
    assertThat(server.requests(PLURAL)).isZero();
  }

  @Test
  void configurationThatIsNotThereIsWaitedFor() {
    trust.run();
    server.apply(CONFIGURATION);
    trust.run();
    assertThat(bundles()).containsExactly("ROOT 1", "ROOT 1");
  }

  @Test
  void webhooksThatChangedPlacesMeanwhileAreNotMixedUp() {
    server.apply(CONFIGURATION);
    server.beforePatches(
        () -> server.apply(CONFIGURATION.replace("name: one", "name: 0").replace("two", "one")));
    assertThatExceptionOfType(KubernetesClientException.class).isThrownBy(() -> trust.run());
    server.beforePatches(() -> {});
    trust.run();
    assertThat(bundles()).containsExactly("ROOT 1", "ROOT 1");
  }

  private GenericKubernetesResource configuration() {
    return server.find(API, PLURAL, "culvert-validator").orElseThrow();
  }

  private List<String> bundles() {
    List<Map<String, Object>> webhooks = configuration().get("webhooks");
    return webhooks.stream()
        .map(one -> (String) ((Map<?, ?>) one.get("clientConfig")).get("caBundle"))
        .map(base64 -> new String(Base64.getDecoder().decode(base64), UTF_8))
        .toList();
  }
}

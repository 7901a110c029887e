// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.admission;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import io.fabric8.kubernetes.client.dsl.base.ResourceDefinitionContext;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the API server verifies the webhook with: the roots of the mesh, in the configuration that
 * somebody installed. Written by the leader, and again whenever the roots change.
 */
public final class WebhookTrust implements Runnable {
  private static final Logger LOG = LoggerFactory.getLogger(WebhookTrust.class);
  private static final ResourceDefinitionContext CONFIGURATIONS =
      new ResourceDefinitionContext.Builder()
          .withGroup("admissionregistration.k8s.io")
          .withVersion("v1")
          .withKind("ValidatingWebhookConfiguration")
          .withPlural("validatingwebhookconfigurations")
          .withNamespaced(false)
          .build();
  private static final PatchContext PATCH =
      new PatchContext.Builder()
          .withPatchType(PatchType.JSON)
          .withFieldManager("culvert-controlplane")
          .build();

  private final KubernetesClient client;
  private final String name;
  private final Supplier<String> roots;
  private final BooleanSupplier leads;
  private boolean missing;

  /**
   * @param name of the ValidatingWebhookConfiguration
   * @param roots as PEM
   * @param leads whether this replica may write now
   */
  public WebhookTrust(
      KubernetesClient client, String name, Supplier<String> roots, BooleanSupplier leads) {
    this.client = client;
    this.name = name;
    this.roots = roots;
    this.leads = leads;
  }

  /** Writes what is not there or is another. */
  @Override
  public void run() {
    if (!leads.getAsBoolean()) {
      return;
    }
    var configuration = client.genericKubernetesResources(CONFIGURATIONS).withName(name);
    GenericKubernetesResource there = configuration.get();
    if (there == null) {
      tellMissing();
      return;
    }
    missing = false;
    List<Map<String, Object>> patch = patch(there);
    if (!patch.isEmpty()) {
      configuration.patch(PATCH, client.getKubernetesSerialization().asJson(patch));
      LOG.info("ValidatingWebhookConfiguration {} verifies with the roots of the mesh", name);
    }
  }

  private void tellMissing() {
    if (!missing) {
      missing = true;
      LOG.warn(
          "ValidatingWebhookConfiguration {} is not there, so nobody asks at webhook-listen: install"
              + " the chart with webhook.enabled, or unset webhook-listen",
          name);
    }
  }

  /** Each webhook is tested for, so that one which moved in the list is not written to. */
  private List<Map<String, Object>> patch(GenericKubernetesResource there) {
    String wanted = Base64.getEncoder().encodeToString(roots.get().getBytes(UTF_8));
    List<Map<String, Object>> patch = new ArrayList<>();
    List<Map<String, Object>> webhooks =
        Objects.requireNonNullElse(there.get("webhooks"), List.of());
    for (int i = 0; i < webhooks.size(); i++) {
      Map<String, Object> webhook = webhooks.get(i);
      if (!(webhook.get("clientConfig") instanceof Map<?, ?> config)
          || !wanted.equals(config.get("caBundle"))) {
        String path = "/webhooks/" + i;
        patch.add(Map.of("op", "test", "path", path + "/name", "value", webhook.get("name")));
        patch.add(Map.of("op", "add", "path", path + "/clientConfig/caBundle", "value", wanted));
      }
    }
    return patch;
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.install;

import io.fabric8.kubernetes.api.model.Namespace;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.dsl.base.PatchContext;
import io.fabric8.kubernetes.client.dsl.base.PatchType;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The namespaces that are in the mesh by their label. */
public final class EnrolledNamespaces {
  private static final String MODE = "culvert.dev/dataplane-mode";

  /** Means the same, and is read by Istio too. */
  private static final String ISTIO_MODE = "istio.io/dataplane-mode";

  private static final String AMBIENT = "ambient";

  private final KubernetesClient client;

  public EnrolledNamespaces(KubernetesClient client) {
    this.client = client;
  }

  /** Their names, in the order of the alphabet. */
  public List<String> names() {
    return client.namespaces().list().getItems().stream()
        .filter(EnrolledNamespaces::isEnrolled)
        .map(namespace -> namespace.getMetadata().getName())
        .sorted()
        .toList();
  }

  private static boolean isEnrolled(Namespace namespace) {
    Map<String, String> labels =
        Optional.ofNullable(namespace.getMetadata().getLabels()).orElse(Map.of());
    return AMBIENT.equals(labels.getOrDefault(MODE, labels.getOrDefault(ISTIO_MODE, "")));
  }

  /** Takes both labels away. */
  void optOut(String name) {
    String patch =
        "{\"metadata\":{\"labels\":{\"%s\":null,\"%s\":null}}}".formatted(MODE, ISTIO_MODE);
    var _ = client.namespaces().withName(name).patch(PatchContext.of(PatchType.JSON_MERGE), patch);
  }
}

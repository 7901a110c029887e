// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import dev.culvert.controlplane.state.ControlPlaneException;
import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the API server is and who we are to it. Requests are repeated on 429 and 5xx with growing
 * pauses, or after as long as the server asks for.
 */
public final class ApiAccess {
  private ApiAccess() {}

  /**
   * A client; nothing is sent yet.
   *
   * @param kubeconfig empty for the pod's ServiceAccount, or what KUBECONFIG names outside a pod
   * @throws ControlPlaneException when the file cannot be used
   */
  public static KubernetesClient open(Optional<Path> kubeconfig) {
    Config config = kubeconfig.map(ApiAccess::fromFile).orElseGet(() -> Config.autoConfigure(null));
    return open(config);
  }

  /** A client of this configuration; it watches over plain HTTP, as Kubernetes' own clients do. */
  public static KubernetesClient open(Config config) {
    config.setOnlyHttpWatches(true);
    return new KubernetesClientBuilder()
        .withConfig(config)
        .withHttpClientFactory(new JdkHttpClientFactory())
        .build();
  }

  private static Config fromFile(Path file) {
    if (!Files.isReadable(file)) {
      throw new ControlPlaneException(
          file,
          "cannot be read",
          "name a kubeconfig with 'kubeconfig', or leave it empty in a pod");
    }
    try {
      return Config.fromKubeconfig(file.toFile());
    } catch (KubernetesClientException | IllegalArgumentException e) {
      throw new ControlPlaneException(
          file, "is no kubeconfig (" + e.getMessage() + ")", "correct it", e);
    }
  }
}

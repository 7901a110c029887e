// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.source;

import io.fabric8.kubernetes.client.Config;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import io.fabric8.kubernetes.client.jdkhttp.JdkHttpClientFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** Where the API server is, and who the agent is to it. */
final class ApiAccess {
  private ApiAccess() {}

  /**
   * A client; nothing is sent yet. It watches over plain HTTP, as Kubernetes' own clients do.
   *
   * @throws IOException when the file cannot be used
   */
  static KubernetesClient open(Optional<Path> kubeconfig) throws IOException {
    Config config =
        kubeconfig.isPresent() ? fromFile(kubeconfig.get()) : Config.autoConfigure(null);
    config.setOnlyHttpWatches(true);
    return new KubernetesClientBuilder()
        .withConfig(config)
        .withHttpClientFactory(new JdkHttpClientFactory())
        .build();
  }

  private static Config fromFile(Path file) throws IOException {
    if (!Files.isReadable(file)) {
      throw new IOException(
          file
              + ": cannot be read; name a kubeconfig with 'kubeconfig', or leave it empty in a pod");
    }
    try {
      return Config.fromKubeconfig(file.toFile());
    } catch (KubernetesClientException | IllegalArgumentException e) {
      throw new IOException("%s: is no kubeconfig: %s".formatted(file, e.getMessage()), e);
    }
  }
}

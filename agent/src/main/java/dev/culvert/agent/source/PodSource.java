// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.source;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** What names the pods of a node. */
public sealed interface PodSource {
  /** In settings, an API server. */
  String KUBERNETES = "kubernetes";

  /** A folder of Kubernetes YAML. */
  record Folder(Path path) implements PodSource {
    @Override
    public String toString() {
      return path.toString();
    }
  }

  /**
   * A Kubernetes API server.
   *
   * @param kubeconfig empty for the pod's ServiceAccount, or what KUBECONFIG names outside a pod
   */
  record ApiServer(Optional<Path> kubeconfig) implements PodSource {
    /**
     * A client of its own; nothing is sent yet.
     *
     * @throws IOException when the kubeconfig cannot be used
     */
    public KubernetesClient connect() throws IOException {
      return ApiAccess.open(kubeconfig);
    }

    @Override
    public String toString() {
      return KUBERNETES;
    }
  }

  /** A folder named so is meant by {@code ./kubernetes}. */
  static PodSource parse(String source, String kubeconfig) {
    return source.equals(KUBERNETES)
        ? new ApiServer(Optional.of(kubeconfig).filter(text -> !text.isEmpty()).map(Path::of))
        : new Folder(Path.of(source));
  }
}

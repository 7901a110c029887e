// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import java.nio.file.Path;
import java.util.Optional;

/** What describes the mesh. */
public sealed interface MeshSource {
  /** In settings, an API server. */
  String KUBERNETES = "kubernetes";

  /** A folder of Kubernetes YAML. */
  record Folder(Path path) implements MeshSource {}

  /**
   * A Kubernetes API server.
   *
   * @param kubeconfig empty for the pod's ServiceAccount, or what KUBECONFIG names outside a pod
   */
  record ApiServer(Optional<Path> kubeconfig) implements MeshSource {}

  /** A folder named so is meant by {@code ./kubernetes}. */
  static MeshSource parse(String source, String kubeconfig) {
    return source.equals(KUBERNETES)
        ? new ApiServer(Optional.of(kubeconfig).filter(text -> !text.isEmpty()).map(Path::of))
        : new Folder(Path.of(source));
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.kubernetes;

import java.nio.file.Path;
import java.util.Optional;

/**
 * On the cluster that KUBECONFIG names. With {@code -Dculvert.tests.image=REGISTRY/NAME:TAG}, which
 * its nodes can pull, all of Culvert runs there; without it, its objects stand there, its pods are
 * scheduled nowhere, and the control plane runs here.
 */
final class KubeconfigClusterTest extends ClusterScenarios {
  private static final String VARIABLE = "KUBECONFIG";

  @Override
  String absent() {
    return System.getenv(VARIABLE) == null
        ? "KUBECONFIG names no cluster; set it to one for trials to run this on it"
        : "";
  }

  @Override
  Path kubeconfig(Path folder) {
    return Path.of(System.getenv(VARIABLE));
  }

  @Override
  Path controlPlaneKubeconfig(Path folder) {
    return kubeconfig(folder);
  }

  @Override
  Optional<String> image() {
    return Optional.ofNullable(System.getProperty("culvert.tests.image"));
  }

  @Override
  boolean runs() {
    return image().isPresent();
  }

  @Override
  void end() {
    // The cluster goes on.
  }
}

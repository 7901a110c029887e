// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.kubernetes;

import dev.culvert.controlplane.ControlPlane;
import dev.culvert.controlplane.ControlPlaneConfig;
import dev.culvert.policy.settings.Settings;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** A control plane that reads a cluster from outside of it. */
final class LocalControlPlane implements AutoCloseable {
  private final ControlPlane plane;

  private LocalControlPlane(ControlPlane plane) {
    this.plane = plane;
  }

  static LocalControlPlane start(
      Path kubeconfig, String namespace, Optional<String> image, Path folder) {
    Map<String, String> settings = new HashMap<>();
    settings.put("source", "kubernetes");
    settings.put("kubeconfig", kubeconfig.toString());
    settings.put("namespace", namespace);
    settings.put("root-namespaces", namespace);
    settings.put("waypoint-image", image.orElse(""));
    settings.put("state", folder.resolve("state").toString());
    settings.put("listen", "127.0.0.1:0");
    settings.put("drain", "1s");
    return new LocalControlPlane(
        ControlPlane.start(
            ControlPlaneConfig.from(Settings.of(ControlPlaneConfig.settings(), settings))));
  }

  @Override
  public void close() {
    plane.close();
  }
}

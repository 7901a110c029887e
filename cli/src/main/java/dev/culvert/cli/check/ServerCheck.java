// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.check;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.VersionInfo;
import java.util.List;

/** The version of Kubernetes. */
final class ServerCheck implements Check {
  /** The first with fields that the chart uses, such as appArmorProfile, in their final form. */
  private static final int OLDEST_MINOR = 31;

  private final KubernetesClient client;

  ServerCheck(KubernetesClient client) {
    this.client = client;
  }

  @Override
  public String name() {
    return "the API server";
  }

  @Override
  public List<Finding> findings() {
    VersionInfo version = client.getKubernetesVersion();
    if (version == null) {
      return List.of(
          Finding.failure(
              "%s has no /version".formatted(client.getMasterUrl()),
              "is it an API server? See where the kubeconfig leads"));
    }
    int minor = Integer.parseInt(version.getMinor().replaceAll("\\D", ""));
    boolean young = !version.getMajor().equals("1") || minor >= OLDEST_MINOR;
    return List.of(
        young
            ? Finding.ok("Kubernetes " + version.getGitVersion())
            : Finding.failure(
                "Kubernetes %s is too old".formatted(version.getGitVersion()),
                "upgrade it to 1.%d or newer".formatted(OLDEST_MINOR)));
  }
}

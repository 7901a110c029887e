// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.check;

import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.VersionInfo;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The version of Kubernetes. */
final class ServerCheck implements Check {
  /** The first with fields that the chart uses, such as appArmorProfile, in their final form. */
  private static final int OLDEST_MINOR = 31;

  /** Its numbers alone are empty in some builds, and have a plus in others. */
  private static final Pattern VERSION = Pattern.compile("v?([1-9]\\d{0,3})\\.(\\d{1,4})\\b.*");

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
    VersionInfo told = client.getKubernetesVersion();
    if (told == null) {
      return List.of(
          Finding.failure(
              "%s has no /version".formatted(client.getMasterUrl()),
              "is it an API server? See where the kubeconfig leads"));
    }
    String version = String.valueOf(told.getGitVersion());
    Matcher numbers = VERSION.matcher(version);
    if (!numbers.matches()) {
      return List.of(
          Finding.warning(
              "the API server gives '%s' as its version".formatted(version),
              "see to it that it is Kubernetes 1.%d or newer".formatted(OLDEST_MINOR)));
    }
    boolean young =
        !numbers.group(1).equals("1") || Integer.parseInt(numbers.group(2)) >= OLDEST_MINOR;
    return List.of(
        young
            ? Finding.ok("Kubernetes " + version)
            : Finding.failure(
                "Kubernetes %s is too old".formatted(version),
                "upgrade it to 1.%d or newer".formatted(OLDEST_MINOR)));
  }
}

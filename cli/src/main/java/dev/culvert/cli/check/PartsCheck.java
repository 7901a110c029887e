// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.check;

import dev.culvert.cli.install.InstalledParts;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/** Whether the parts of Culvert run, and in one version. */
final class PartsCheck implements Check {
  private final KubernetesClient client;
  private final String namespace;

  PartsCheck(KubernetesClient client, String namespace) {
    this.client = client;
    this.namespace = namespace;
  }

  @Override
  public String name() {
    return "Culvert's own parts";
  }

  @Override
  public List<Finding> findings() {
    List<InstalledParts.Part> parts = new InstalledParts(client, namespace).all();
    if (parts.isEmpty()) {
      return List.of(Finding.note("Culvert is not installed in " + namespace));
    }
    List<Finding> findings = new ArrayList<>();
    Set<String> images = new TreeSet<>();
    for (InstalledParts.Part part : parts) {
      images.add(part.image());
      findings.add(of(part));
    }
    if (images.size() > 1) {
      findings.add(
          Finding.warning(
              "its parts are of different images: " + String.join(", ", images),
              "an upgrade runs, or stopped half way: 'culvert upgrade'"));
    }
    return findings;
  }

  private Finding of(InstalledParts.Part part) {
    return part.ready() >= part.wanted()
        ? Finding.ok("%s: %d ready".formatted(part.name(), part.ready()))
        : Finding.failure(
            "%s: %d of %d ready".formatted(part.name(), part.ready(), part.wanted()),
            "kubectl -n %s describe pods -l app=%s".formatted(namespace, part.name()));
  }
}

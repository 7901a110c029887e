// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.check;

import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;

/** Which kinds are installed that the mesh reads. */
final class KindsCheck implements Check {
  private final KubernetesClient client;

  KindsCheck(KubernetesClient client) {
    this.client = client;
  }

  @Override
  public String name() {
    return "the installed kinds";
  }

  @Override
  public List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    findings.add(
        client.hasApiGroup("policy.culvert.dev", true)
            ? Finding.ok("policy.culvert.dev is installed")
            : Finding.warning(
                "policy.culvert.dev is not installed: there can be no policies of it",
                "install the chart with crds.install=true"));
    findings.add(
        client.hasApiGroup("gateway.networking.k8s.io", true)
            ? Finding.ok("the Gateway API is installed")
            : Finding.note("the Gateway API is not installed: no waypoints, no front door"));
    if (client.hasApiGroup("security.istio.io", true)) {
      findings.add(Finding.note("security.istio.io is installed: its policies are read too"));
    }
    return findings;
  }
}

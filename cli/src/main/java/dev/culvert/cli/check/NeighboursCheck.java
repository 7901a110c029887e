// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.check;

import io.fabric8.kubernetes.api.model.ConfigMap;
import io.fabric8.kubernetes.api.model.apps.DaemonSet;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Who else works on the sockets of pods: CNIs with programs of their own, and other meshes. */
final class NeighboursCheck implements Check {
  private static final Map<String, String> PLAIN =
      Map.of(
          "calico-node", "Calico",
          "kube-flannel-ds", "flannel",
          "kindnet", "kindnet",
          "aws-node", "the CNI of AWS",
          "antrea-agent", "Antrea");

  private final KubernetesClient client;

  NeighboursCheck(KubernetesClient client) {
    this.client = client;
  }

  @Override
  public String name() {
    return "CNIs and other meshes";
  }

  @Override
  public List<Finding> findings() {
    List<Finding> findings = new ArrayList<>();
    for (DaemonSet set : client.apps().daemonSets().inAnyNamespace().list().getItems()) {
      String namespace = set.getMetadata().getNamespace();
      switch (set.getMetadata().getName()) {
        case "cilium" -> findings.addAll(cilium(namespace));
        case "istio-cni-node" -> findings.add(istio(namespace));
        case "linkerd-cni" ->
            findings.add(Finding.note("Linkerd is installed: keep namespaces in one mesh only"));
        case String name when PLAIN.containsKey(name) ->
            findings.add(Finding.ok("the CNI is " + PLAIN.get(name)));
        default -> {
          // Not one that meets the mesh.
        }
      }
    }
    if (findings.isEmpty()) {
      findings.add(Finding.note("no CNI that is known by name"));
    }
    return findings;
  }

  private static Finding istio(String namespace) {
    return Finding.warning(
        "Istio ambient is installed in " + namespace,
        "a namespace with istio.io/dataplane-mode=ambient would be in both meshes: use"
            + " culvert.dev/dataplane-mode, or remove one of them (docs/migration.md)");
  }

  private List<Finding> cilium(String namespace) {
    ConfigMap map = client.configMaps().inNamespace(namespace).withName("cilium-config").get();
    Map<String, String> config = Optional.ofNullable(map).map(ConfigMap::getData).orElse(Map.of());
    List<Finding> findings = new ArrayList<>();
    findings.add(Finding.ok("the CNI is Cilium"));
    if (!"false".equals(config.getOrDefault("cni-exclusive", "true"))) {
      findings.add(
          Finding.failure(
              "Cilium takes other plugins out of the CNI configuration (cni-exclusive)",
              "install Cilium with cni.exclusive=false"));
    }
    boolean socketBalancer =
        "true".equals(config.get("kube-proxy-replacement"))
            || "true".equals(config.get("bpf-lb-sock"));
    if (socketBalancer && !"true".equals(config.get("bpf-lb-sock-hostns-only"))) {
      findings.add(
          Finding.warning(
              "Cilium's socket balancer may choose a Service's endpoint before the mesh sees the connection",
              "install Cilium with socketLB.hostNamespaceOnly=true"));
    }
    return findings;
  }
}

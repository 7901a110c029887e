// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import java.nio.file.Path;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A pod: a network namespace on a node, with an IPv4 and an IPv6 address. */
public final class LabPod {
  private final LabPodSpec spec;
  private final LabNode node;
  private final int number;
  private final LabLayout layout;

  LabPod(LabPodSpec spec, LabNode node, int number, LabLayout layout) {
    this.spec = spec;
    this.node = node;
    this.number = number;
    this.layout = layout;
  }

  public String name() {
    return spec.name();
  }

  public LabPodSpec spec() {
    return spec;
  }

  public LabNode node() {
    return node;
  }

  public String netns() {
    return layout.namespace(spec.name());
  }

  public Path netnsFile() {
    return LabLayout.namespaceFile(netns());
  }

  public String ip4() {
    return node.pod4(number);
  }

  public String ip6() {
    return node.pod6(number);
  }

  /** Its link's end in the node's namespace: at most 15 characters, so not the pod's name. */
  String link() {
    return "pod" + number;
  }

  /** Where its processes run. */
  public LabPlace place() {
    return LabPlace.ofPod(netns(), node.cgroup().resolve("pods"));
  }

  /** Its identity in the mesh. */
  public String spiffeId() {
    return "spiffe://cluster.local/ns/%s/sa/%s".formatted(spec.namespace(), spec.serviceAccount());
  }

  /** The Pod object that controlplane and agent read. */
  public String yaml() {
    return """
    apiVersion: v1
    kind: Pod
    metadata:
      name: %s
      namespace: %s
      labels:%s
      annotations:
        culvert.dev/netns: %s
    spec:
      nodeName: %s
      serviceAccountName: %s
    status:
      phase: Running
      podIPs:
        - ip: %s
        - ip: %s
    """
        .formatted(
            name(),
            spec.namespace(),
            labels(spec.labels()),
            netnsFile(),
            node.name(),
            spec.serviceAccount(),
            ip4(),
            ip6());
  }

  private static String labels(Map<String, String> labels) {
    return labels.isEmpty()
        ? " {}"
        : new TreeMap<>(labels)
            .entrySet().stream()
                .map(entry -> "\n    %s: \"%s\"".formatted(entry.getKey(), entry.getValue()))
                .collect(Collectors.joining());
  }

  @Override
  public String toString() {
    return name();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.check;

import dev.culvert.linux.KernelRelease;
import io.fabric8.kubernetes.api.model.Node;
import io.fabric8.kubernetes.api.model.NodeSystemInfo;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Whether every node can carry the mesh, as far as it tells the API server. */
final class NodesCheck implements Check {
  /** The newest of the abilities that are asked for. */
  private static final KernelRelease OLDEST = KernelRelease.parse("5.15");

  private final KubernetesClient client;

  NodesCheck(KubernetesClient client) {
    this.client = client;
  }

  @Override
  public String name() {
    return "the nodes";
  }

  @Override
  public List<Finding> findings() {
    List<Node> nodes = client.nodes().list().getItems();
    List<Finding> findings = new ArrayList<>();
    nodes.stream().map(NodesCheck::trouble).flatMap(Optional::stream).forEach(findings::add);
    if (findings.isEmpty()) {
      findings.add(Finding.ok("%d nodes, each can carry the mesh".formatted(nodes.size())));
    }
    return findings;
  }

  private static Optional<Finding> trouble(Node node) {
    NodeSystemInfo info = node.getStatus().getNodeInfo();
    String name = node.getMetadata().getName();
    if (!"linux".equals(info.getOperatingSystem())) {
      return Optional.of(
          Finding.note(
              "node %s runs %s: it stays outside of the mesh"
                  .formatted(name, info.getOperatingSystem())));
    }
    if (!"amd64".equals(info.getArchitecture())) {
      return Optional.of(
          Finding.failure(
              "node %s is %s, and the image is for amd64".formatted(name, info.getArchitecture()),
              "keep agent and ztunnel off it by agent.nodeSelector and ztunnel.nodeSelector"));
    }
    KernelRelease kernel = KernelRelease.parse(info.getKernelVersion());
    if (kernel.compareTo(OLDEST) < 0) {
      return Optional.of(
          Finding.failure(
              "node %s has kernel %s".formatted(name, info.getKernelVersion()),
              "give it %s or newer".formatted(OLDEST)));
    }
    return Optional.empty();
  }
}

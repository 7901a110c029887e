// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.policy.resource.PodResource;
import dev.culvert.policy.spiffe.SpiffeId;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;

/** Which identities live on which node. Immutable. */
public final class NodePods {
  private final Map<String, Set<SpiffeId>> identities;
  private final SortedSet<String> nodes;

  private NodePods(Map<String, Set<SpiffeId>> identities, SortedSet<String> nodes) {
    this.identities = identities;
    this.nodes = nodes;
  }

  static NodePods of(ResourceIndex index, MeshNames names) {
    Map<String, Set<SpiffeId>> identities = new HashMap<>();
    SortedSet<String> nodes = new TreeSet<>(index.nodes().keySet());
    for (PodResource pod : index.pods()) {
      if (!pod.nodeName().isEmpty()) {
        SpiffeId identity =
            SpiffeId.workload(
                names.trustDomain(), pod.metadata().namespace(), pod.serviceAccountName());
        identities.computeIfAbsent(pod.nodeName(), node -> new HashSet<>()).add(identity);
        nodes.add(pod.nodeName());
      }
    }
    return new NodePods(identities, nodes);
  }

  /** Whether a pod of this identity, not yet ended, is on the node. */
  public boolean runsOn(String node, SpiffeId identity) {
    return identities.getOrDefault(node, Set.of()).contains(identity);
  }

  /** Every node that a pod or a Node resource names. */
  public SortedSet<String> nodes() {
    return nodes;
  }
}

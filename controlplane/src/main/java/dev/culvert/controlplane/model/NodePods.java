// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.controlplane.collection.Shards;
import dev.culvert.policy.resource.PodResource;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.spiffe.TrustDomain;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Which pods, and so which identities, live on which node. Immutable. */
public final class NodePods {
  static final NodePods NONE = new NodePods(Shards.none(), Shards.none());

  private final Shards<Set<SpiffeId>> identities;
  private final Shards<Place> places;

  private record Place(String uid, String node) {}

  private NodePods(Shards<Set<SpiffeId>> identities, Shards<Place> places) {
    this.identities = identities;
    this.places = places;
  }

  /** What it is after changes of these nodes and pods. */
  NodePods with(
      Collection<String> nodes,
      Collection<ObjectName> pods,
      MeshStore store,
      TrustDomain trustDomain) {
    if (nodes.isEmpty() && pods.isEmpty()) {
      return this;
    }
    Map<String, @Nullable Set<SpiffeId>> onNodes = new HashMap<>();
    for (String node : nodes) {
      Set<SpiffeId> own =
          store.podsOn(node).stream()
              .map(pod -> identity(pod, trustDomain))
              .collect(Collectors.toUnmodifiableSet());
      boolean known = !node.isEmpty() && (!own.isEmpty() || store.isNode(node));
      onNodes.put(node, known ? own : null);
    }
    Map<String, @Nullable Place> ofPods = new HashMap<>();
    for (ObjectName name : pods) {
      PodResource pod = store.contents(name.namespace()).pods.get(name.name());
      ofPods.put(
          name.toString(), pod == null ? null : new Place(pod.metadata().uid(), pod.nodeName()));
    }
    return new NodePods(identities.with(onNodes), places.with(ofPods));
  }

  private static SpiffeId identity(PodResource pod, TrustDomain trustDomain) {
    return SpiffeId.workload(trustDomain, pod.metadata().namespace(), pod.serviceAccountName());
  }

  /** Whether a pod of this identity, not yet ended, is on the node. */
  public boolean runsOn(String node, SpiffeId identity) {
    Set<SpiffeId> own = identities.get(node);
    return own != null && own.contains(identity);
  }

  /** Where a pod is; empty when it is not scheduled, has ended, or another has its name. */
  public Optional<String> nodeOf(String namespace, String pod, String uid) {
    return Optional.ofNullable(places.get(namespace + "/" + pod))
        .filter(place -> place.uid().equals(uid))
        .map(Place::node)
        .filter(node -> !node.isEmpty());
  }

  /** Every node that a pod or a Node resource names. */
  public SortedSet<String> nodes() {
    SortedSet<String> nodes = new TreeSet<>();
    identities.forEach((node, _) -> nodes.add(node));
    return nodes;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof NodePods one
        && identities.equals(one.identities)
        && places.equals(one.places);
  }

  @Override
  public int hashCode() {
    return identities.hashCode();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.controlplane.access.RunningPod;
import dev.culvert.controlplane.collection.Shards;
import dev.culvert.policy.mesh.WaypointName;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.ObjectMeta;
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

/**
 * Which pods, and so which identities, live on which node, and which are waypoints or front doors.
 * Immutable.
 */
public final class NodePods {
  static final NodePods NONE = new NodePods(Shards.none(), Shards.none(), Set.of(), Set.of());

  private final Shards<Set<SpiffeId>> identities;
  private final Shards<Place> places;

  private final Set<WaypointName> waypoints;
  private final Set<WaypointName> doors;

  /**
   * @param gateway the Gateway it says it was made for; empty for none
   */
  private record Place(String uid, String node, String account, String gateway) {}

  private NodePods(
      Shards<Set<SpiffeId>> identities,
      Shards<Place> places,
      Set<WaypointName> waypoints,
      Set<WaypointName> doors) {
    this.identities = identities;
    this.places = places;
    this.waypoints = waypoints;
    this.doors = doors;
  }

  /** What it is after changes of these nodes and pods. */
  NodePods with(
      Collection<String> nodes,
      Collection<ObjectName> pods,
      MeshStore store,
      TrustDomain trustDomain) {
    Set<WaypointName> gateways = store.waypoints().names();
    Set<WaypointName> open = store.doors().keySet();
    if (nodes.isEmpty() && pods.isEmpty() && gateways.equals(waypoints) && open.equals(doors)) {
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
      ofPods.put(name.toString(), pod == null ? null : place(pod));
    }
    return new NodePods(identities.with(onNodes), places.with(ofPods), gateways, open);
  }

  private static Place place(PodResource pod) {
    ObjectMeta metadata = pod.metadata();
    String gateway = metadata.label(GatewayResource.NAME_LABEL).orElse("");
    return new Place(metadata.uid(), pod.nodeName(), pod.serviceAccountName(), gateway);
  }

  private static SpiffeId identity(PodResource pod, TrustDomain trustDomain) {
    return SpiffeId.workload(trustDomain, pod.metadata().namespace(), pod.serviceAccountName());
  }

  /** Whether a pod of this identity, not yet ended, is on the node. */
  public boolean runsOn(String node, SpiffeId identity) {
    Set<SpiffeId> own = identities.get(node);
    return own != null && own.contains(identity);
  }

  /** A pod; empty when it is not scheduled or has ended. */
  public Optional<RunningPod> find(String namespace, String pod) {
    return Optional.ofNullable(places.get(namespace + "/" + pod))
        .filter(place -> !place.node().isEmpty())
        .map(place -> running(namespace, place));
  }

  private RunningPod running(String namespace, Place place) {
    return new RunningPod(place.uid(), place.node(), place.account(), gateway(namespace, place));
  }

  /**
   * The Gateway that a pod is an instance of. Who may write a label can call itself one; a front
   * door's private keys are for pods with the front door's own ServiceAccount only.
   */
  private Optional<WaypointName> gateway(String namespace, Place place) {
    WaypointName name = new WaypointName(namespace, place.gateway());
    boolean is =
        waypoints.contains(name)
            || (doors.contains(name) && place.account().equals(place.gateway()));
    return is ? Optional.of(name) : Optional.empty();
  }

  /** The pods of waypoints and front doors, as {@code NAMESPACE/NAME}. */
  public SortedSet<String> waypointPods() {
    SortedSet<String> pods = new TreeSet<>();
    if (!waypoints.isEmpty() || !doors.isEmpty()) {
      places.forEach(
          (name, place) -> {
            String namespace = name.substring(0, name.indexOf('/'));
            if (gateway(namespace, place).isPresent()) {
              pods.add(name);
            }
          });
    }
    return pods;
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
        && places.equals(one.places)
        && waypoints.equals(one.waypoints)
        && doors.equals(one.doors);
  }

  @Override
  public int hashCode() {
    return identities.hashCode();
  }
}

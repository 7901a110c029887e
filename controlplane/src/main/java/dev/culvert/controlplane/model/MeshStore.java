// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.policy.mesh.FrontDoor;
import dev.culvert.policy.mesh.WaypointName;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.NamespaceResource;
import dev.culvert.policy.resource.NodeResource;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.PodResource;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.ServiceEntryResource;
import dev.culvert.policy.resource.ServiceResource;
import java.net.InetAddress;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** The resources in force, with what finds them. Not thread-safe. */
final class MeshStore implements Surroundings {
  private final MeshNames names;
  private final NavigableMap<String, NamespaceContents> contents = new TreeMap<>();
  private final Map<String, NamespaceResource> namespaces = new HashMap<>();
  private final Map<String, NodeResource> nodes = new HashMap<>();
  private final NavigableMap<ObjectName, GatewayResource> gateways = new TreeMap<>();
  private final Map<String, TreeSet<ObjectName>> podsByNode = new HashMap<>();
  private final Set<String> serviceHosts = new HashSet<>();
  final Map<ResourceKey, Resource> policies = new HashMap<>();
  final PodAddresses podAddresses = new PodAddresses();
  final Hosts hosts = new Hosts();
  final References<InetAddress> endpointAddresses = new References<>();
  final References<String> endpointNodes = new References<>();
  private @Nullable WaypointGateways waypoints;
  private @Nullable NetworkGateways networks;
  private @Nullable Map<WaypointName, GatewayResource> doors;

  MeshStore(MeshNames names) {
    this.names = names;
  }

  /** What is in a namespace, and may be changed by whoever knows what hangs on it. */
  NamespaceContents contents(String namespace) {
    return contents.computeIfAbsent(namespace, _ -> new NamespaceContents());
  }

  /** Every namespace that something is or was in. */
  Set<String> namespaces() {
    return contents.keySet();
  }

  /** The part of the mesh that is in these namespaces. */
  ResourceIndex index(Set<String> of) {
    NavigableMap<String, NamespaceContents> parts = new TreeMap<>();
    of.forEach(namespace -> parts.put(namespace, contents(namespace)));
    return ResourceIndex.of(parts, this);
  }

  void put(NamespaceResource namespace) {
    namespaces.put(namespace.metadata().name(), namespace);
  }

  void put(NodeResource node) {
    nodes.put(node.metadata().name(), node);
  }

  void put(GatewayResource gateway) {
    gateways.put(ObjectName.of(gateway.metadata()), gateway);
    contents(gateway.metadata().namespace());
    forgetGateways();
  }

  void remove(NamespaceResource namespace) {
    namespaces.remove(namespace.metadata().name());
  }

  void remove(NodeResource node) {
    nodes.remove(node.metadata().name());
  }

  void remove(GatewayResource gateway) {
    gateways.remove(ObjectName.of(gateway.metadata()));
    forgetGateways();
  }

  private void forgetGateways() {
    waypoints = null;
    networks = null;
    doors = null;
  }

  void put(PodResource pod) {
    contents(pod.metadata().namespace()).pods.put(pod.metadata().name(), pod);
    podAddresses.add(pod);
    podsByNode
        .computeIfAbsent(pod.nodeName(), _ -> new TreeSet<>())
        .add(ObjectName.of(pod.metadata()));
  }

  void remove(PodResource pod) {
    contents(pod.metadata().namespace()).pods.remove(pod.metadata().name());
    podAddresses.remove(pod);
    podsByNode.computeIfPresent(
        pod.nodeName(),
        (_, own) -> {
          own.remove(ObjectName.of(pod.metadata()));
          return own.isEmpty() ? null : own;
        });
  }

  void put(ServiceResource service) {
    contents(service.metadata().namespace()).services.put(service.metadata().name(), service);
    serviceHosts.add(host(service));
  }

  void remove(ServiceResource service) {
    contents(service.metadata().namespace()).services.remove(service.metadata().name());
    serviceHosts.remove(host(service));
  }

  String host(ServiceResource service) {
    return names.hostname(service.metadata().namespace(), service.metadata().name());
  }

  /** The pods on a node, in the order of their names. */
  List<PodResource> podsOn(String node) {
    return podsByNode.getOrDefault(node, new TreeSet<>()).stream()
        .map(name -> contents(name.namespace()).pods.get(name.name()))
        .toList();
  }

  boolean isNode(String name) {
    return nodes.containsKey(name);
  }

  @Override
  public NamespaceResource namespace(String name) {
    NamespaceResource known = namespaces.get(name);
    return known != null
        ? known
        : new NamespaceResource(
            new ObjectMeta("", name, name, Map.of(), Map.of(), Optional.empty()));
  }

  @Override
  public String nodeLabel(String node, String label) {
    NodeResource known = nodes.get(node);
    return known == null ? "" : known.metadata().label(label).orElse("");
  }

  @Override
  public WaypointGateways waypoints() {
    if (waypoints == null) {
      waypoints = new WaypointGateways(List.copyOf(gateways.values()), names);
    }
    return waypoints;
  }

  /** The Gateways that are front doors. The same map until a Gateway changes. */
  Map<WaypointName, GatewayResource> doors() {
    if (doors == null) {
      Map<WaypointName, GatewayResource> found = new HashMap<>();
      gateways.forEach(
          (name, gateway) -> {
            if (FrontDoor.isOne(gateway)) {
              found.put(new WaypointName(name.namespace(), name.name()), gateway);
            }
          });
      doors = Map.copyOf(found);
    }
    return doors;
  }

  @Override
  public NetworkGateways networks() {
    if (networks == null) {
      networks = new NetworkGateways(List.copyOf(gateways.values()), names.network());
    }
    return networks;
  }

  @Override
  public Optional<String> podAt(InetAddress ip) {
    return podAddresses.podAt(ip).map(ObjectName::toString);
  }

  @Override
  public boolean isServiceHost(String host) {
    return serviceHosts.contains(host);
  }

  @Override
  public boolean isCanonical(String host, ServiceEntryResource entry) {
    return hosts.isCanonical(host, entry);
  }
}

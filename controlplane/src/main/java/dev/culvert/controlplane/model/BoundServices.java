// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.culvert.controlplane.discovery.TypeUrl;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.workload.Address;
import dev.culvert.policy.wire.workload.GatewayAddress;
import dev.culvert.policy.wire.workload.Service;
import dev.culvert.policy.wire.workload.WeightedWaypoint;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Which services go through which waypoint, as proxies are told: what a waypoint is asked for and
 * what it is told of follow from the same. Not thread-safe.
 */
final class BoundServices {
  private final Map<String, Bound> byWireName = new HashMap<>();

  private record Bound(ObjectName service, Set<GatewayAddress> waypoints) {}

  /**
   * Takes in a change of addresses.
   *
   * @param gone names; of those that are among the changed as well the change counts
   * @return whether any service has another waypoint than before
   */
  boolean update(Collection<Resource> changed, Collection<String> gone) {
    Set<String> lost = new HashSet<>(gone);
    lost.retainAll(byWireName.keySet());
    boolean moved = false;
    for (Resource resource : changed) {
      lost.remove(resource.getName());
      moved |= put(resource);
    }
    byWireName.keySet().removeAll(lost);
    return moved || !lost.isEmpty();
  }

  private boolean put(Resource resource) {
    Set<GatewayAddress> waypoints = new HashSet<>();
    Service service = service(resource);
    if (service.getWeightedWaypointsCount() > 0) {
      for (WeightedWaypoint one : service.getWeightedWaypointsList()) {
        waypoints.add(one.getDestination());
      }
    } else if (service.hasWaypoint()) {
      waypoints.add(service.getWaypoint());
    }
    if (waypoints.isEmpty()) {
      return byWireName.remove(resource.getName()) != null;
    }
    Bound bound = new Bound(new ObjectName(service.getNamespace(), service.getName()), waypoints);
    return !bound.equals(byWireName.put(resource.getName(), bound));
  }

  /** The services of each waypoint, by where it is reached. */
  Map<GatewayAddress, Set<ObjectName>> byWaypoint() {
    Map<GatewayAddress, Set<ObjectName>> services = new HashMap<>();
    for (Bound bound : byWireName.values()) {
      for (GatewayAddress waypoint : bound.waypoints) {
        services.computeIfAbsent(waypoint, _ -> new HashSet<>()).add(bound.service);
      }
    }
    return services;
  }

  private static Service service(Resource resource) {
    if (!resource.getResource().getTypeUrl().equals(TypeUrl.ADDRESS)) {
      return Service.getDefaultInstance();
    }
    try {
      return Address.parseFrom(resource.getResource().getValue()).getService();
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(resource.getName() + " is no address", e);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.route;

import dev.culvert.ztunnel.xds.GatewayAddress;
import dev.culvert.ztunnel.xds.MeshState;
import dev.culvert.ztunnel.xds.Service;
import dev.culvert.ztunnel.xds.WeightedWaypoint;
import dev.culvert.ztunnel.xds.Workload;
import java.util.List;
import java.util.Optional;

/** Tells which workloads stand behind the address of a waypoint. Any thread. */
public final class WaypointInstances {
  private final MeshState mesh;

  public WaypointInstances(MeshState mesh) {
    this.mesh = mesh;
  }

  /** Whether connections to the service go through the workload, all of them or a share. */
  public boolean isWaypointOf(Service service, Workload workload) {
    List<WeightedWaypoint> several = service.weightedWaypoints();
    for (int i = 0; i < several.size(); i++) {
      if (isAt(several.get(i).destination(), workload)) {
        return true;
      }
    }
    return several.isEmpty()
        && service.waypoint().isPresent()
        && isAt(service.waypoint().get(), workload);
  }

  /** Whether connections to the address of a pod go through the workload. */
  public boolean isWaypointOf(Workload pod, Workload workload) {
    return pod.waypoint().isPresent() && isAt(pod.waypoint().get(), workload);
  }

  /** Ready or not, what stands behind the waypoint's address is the waypoint. */
  boolean isAt(GatewayAddress address, Workload workload) {
    if (address instanceof GatewayAddress.ByIp by
        && by.network().equals(workload.network())
        && workload.addresses().contains(by.address())) {
      return true;
    }
    return !workload.services().isEmpty()
        && service(address, workload)
            .filter(waypoint -> workload.services().containsKey(waypoint.key()))
            .isPresent();
  }

  /** The service at the address, as the workload sees it. */
  Optional<Service> service(GatewayAddress address, Workload seenBy) {
    return switch (address) {
      case GatewayAddress.ByService by -> mesh.serviceByHostname(by.namespace(), by.hostname());
      case GatewayAddress.ByIp by when by.network().equals(seenBy.network()) ->
          mesh.serviceByVip(by.address(), seenBy.namespace());
      case GatewayAddress.ByIp _ -> Optional.empty();
    };
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.route.WaypointInstances;
import dev.culvert.ztunnel.xds.MeshStore;
import dev.culvert.ztunnel.xds.Service;
import dev.culvert.ztunnel.xds.Workload;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;

/**
 * The services and pods that have this waypoint. It is asked for no others: whoever could make it
 * carry connections elsewhere would speak there with its identity.
 */
final class Bound {
  private final MeshStore mesh;
  private final WaypointInstances instances;
  private final Self self;

  Bound(MeshStore mesh, Self self) {
    this.mesh = mesh;
    this.instances = new WaypointInstances(mesh);
    this.self = self;
  }

  /**
   * What a target is, if this waypoint is for it.
   *
   * @param target as a client's proxy asked for it; unresolved for the host name of a service
   * @param client what an address means may depend on the namespace of who asks
   */
  Optional<Asked> find(InetSocketAddress target, SpiffeId client) {
    Optional<Workload> own = self.workload(mesh);
    if (own.isEmpty()) {
      return Optional.empty();
    }
    if (target.isUnresolved()) {
      return byName(target, own.get());
    }
    Optional<Service> service =
        mesh.serviceByVip(target.getAddress(), client.namespace().orElse(""));
    return service.isPresent()
        ? service.flatMap(one -> of(one, target, own.get()))
        : byAddress(target, own.get());
  }

  private Optional<Asked> byName(InetSocketAddress target, Workload own) {
    List<Service> named = mesh.servicesByHostname(target.getHostString());
    for (Service service : named) {
      InetAddress address =
          service.vips().isEmpty()
              ? own.addresses().getFirst()
              : service.vips().getFirst().address();
      Optional<Asked> found = of(service, new InetSocketAddress(address, target.getPort()), own);
      if (found.isPresent()) {
        return found;
      }
    }
    return Optional.empty();
  }

  private Optional<Asked> of(Service service, InetSocketAddress address, Workload own) {
    return instances.isWaypointOf(service, own)
        ? service.port(address.getPort()).map(port -> new Asked.OfService(service, port, address))
        : Optional.empty();
  }

  private Optional<Asked> byAddress(InetSocketAddress target, Workload own) {
    return mesh.workload(target.getAddress())
        .filter(pod -> instances.isWaypointOf(pod, own))
        .map(pod -> new Asked.OfPod(pod, target));
  }
}

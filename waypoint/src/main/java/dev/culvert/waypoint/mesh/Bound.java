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

  /** The own workload while it stood behind the waypoint's address: a pod that ends does not. */
  private volatile Optional<Workload> standing = Optional.empty();

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
    Optional<Asked> found = find(target, client, own.get());
    if (found.isPresent()) {
      standing = own;
    }
    return found;
  }

  private Optional<Asked> find(InetSocketAddress target, SpiffeId client, Workload own) {
    if (target.isUnresolved()) {
      return byName(target, own);
    }
    Optional<Service> service =
        mesh.serviceByVip(target.getAddress(), client.namespace().orElse(""));
    return service.isPresent()
        ? service.flatMap(one -> of(one, target, own))
        : byAddress(target, own);
  }

  /** Whether what was found has this waypoint still. */
  boolean isBound(Asked asked) {
    return standing
        .filter(
            own ->
                switch (asked) {
                  case Asked.OfService of ->
                      now(of).filter(one -> instances.isWaypointOf(one, own)).isPresent();
                  case Asked.OfPod of ->
                      now(of).filter(one -> instances.isWaypointOf(one, own)).isPresent();
                })
        .isPresent();
  }

  /** Whether what was found is there still. */
  boolean exists(Asked asked) {
    return switch (asked) {
      case Asked.OfService of -> now(of).isPresent();
      case Asked.OfPod of -> now(of).isPresent();
    };
  }

  private Optional<Service> now(Asked.OfService asked) {
    return mesh.serviceByHostname(asked.service().namespace(), asked.service().hostname());
  }

  private Optional<Workload> now(Asked.OfPod asked) {
    return mesh.workload(asked.pod().namespace(), asked.pod().name());
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

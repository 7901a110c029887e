// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.route;

import dev.culvert.ztunnel.xds.EndpointSet.Purpose;
import dev.culvert.ztunnel.xds.GatewayAddress;
import dev.culvert.ztunnel.xds.MeshState;
import dev.culvert.ztunnel.xds.Service;
import dev.culvert.ztunnel.xds.ServiceEndpoint;
import dev.culvert.ztunnel.xds.WeightedWaypoint;
import dev.culvert.ztunnel.xds.Workload;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/** Finds waypoints, and gateways of other networks. */
final class Gateways {
  private final MeshState mesh;
  private final RandomGenerator random;
  private final WaypointInstances instances;

  Gateways(MeshState mesh, RandomGenerator random) {
    this.mesh = mesh;
    this.random = random;
    this.instances = new WaypointInstances(mesh);
  }

  /**
   * The waypoint of a service; one of several is drawn anew for each connection.
   *
   * @return empty when it has none, or the source is the waypoint
   */
  Optional<Waypoint> waypointOf(Service service, Workload source, InetSocketAddress asked) {
    List<WeightedWaypoint> several = service.weightedWaypoints();
    if (several.isEmpty()) {
      return service.waypoint().isPresent()
          ? waypointOf(service.waypoint().get(), source, asked.getAddress())
          : Optional.empty();
    }
    if (instances.isWaypointOf(service, source)) {
      return Optional.empty();
    }
    return draw(several)
        .map(one -> find(one, source, asked.getAddress()))
        .or(() -> Optional.of(Waypoint.missing("all of its waypoints have weight 0")));
  }

  /**
   * The waypoint at an address.
   *
   * @return empty when the source is the waypoint
   */
  Optional<Waypoint> waypointOf(GatewayAddress address, Workload source, InetAddress asked) {
    return instances.isAt(address, source)
        ? Optional.empty()
        : Optional.of(find(address, source, asked));
  }

  private Waypoint find(GatewayAddress address, Workload source, InetAddress asked) {
    return endpoint(address, source, asked, Purpose.WAYPOINT)
        .map(Waypoint::at)
        .orElseGet(
            () -> Waypoint.missing("its waypoint %s has no ready endpoint".formatted(address)));
  }

  /** A gateway of another network; it is reached from this one. */
  Optional<ServiceEndpoint> gateway(GatewayAddress address, Workload source, InetAddress asked) {
    return endpoint(address, source, asked, Purpose.GATEWAY);
  }

  private Optional<ServiceEndpoint> endpoint(
      GatewayAddress address, Workload source, InetAddress asked, Purpose purpose) {
    Optional<Service> service = instances.service(address, source);
    if (service.isPresent()) {
      return mesh.endpoints(service.get()).draw(source, asked, address.port(), purpose, random);
    }
    return address instanceof GatewayAddress.ByIp by
        ? mesh.workload(by.network(), by.address()).map(workload -> at(workload, by))
        : Optional.empty();
  }

  private static ServiceEndpoint at(Workload workload, GatewayAddress.ByIp by) {
    return new ServiceEndpoint(
        workload,
        Optional.of(new InetSocketAddress(by.address(), by.port())),
        Set.of(workload.identity()));
  }

  private Optional<GatewayAddress> draw(List<WeightedWaypoint> several) {
    long total = 0;
    for (int i = 0; i < several.size(); i++) {
      total += several.get(i).weight();
    }
    if (total == 0) {
      return Optional.empty();
    }
    long at = random.nextLong(total);
    int index = 0;
    while (at >= several.get(index).weight()) {
      at -= several.get(index).weight();
      index++;
    }
    return Optional.of(several.get(index).destination());
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.route;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.xds.MeshState;
import dev.culvert.ztunnel.xds.Service;
import dev.culvert.ztunnel.xds.ServicePort;
import dev.culvert.ztunnel.xds.WaypointAddress;
import dev.culvert.ztunnel.xds.Workload;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Chooses the way of a connection that a pod opens. Plaintext is chosen only for a destination that
 * is unknown or known to have no tunnel.
 */
public final class Router {
  private final MeshState mesh;
  private final LocalPods local;
  private final RandomGenerator random;

  /**
   * @param random used by several threads
   */
  public Router(MeshState mesh, LocalPods local, RandomGenerator random) {
    this.mesh = mesh;
    this.local = local;
    this.random = random;
  }

  /** The way from a pod to the address that it asked for. */
  public Route route(Workload source, InetSocketAddress asked) {
    InetAddress address = asked.getAddress();
    boolean own = address.isLoopbackAddress() || source.addresses().contains(address);
    if (own && ProxyPorts.isOwn(asked.getPort())) {
      return refused("attempted recursive call to ourselves", Optional.empty());
    }
    Optional<Service> service = mesh.serviceByVip(address);
    if (service.isPresent()) {
      return toService(source, service.get(), asked);
    }
    return mesh.workload(address)
        .map(workload -> toWorkloadOrWaypoint(source, workload, asked))
        .orElseGet(() -> new Route.Plaintext(asked, Optional.empty(), Optional.empty()));
  }

  private Route toWorkloadOrWaypoint(Workload source, Workload workload, InetSocketAddress asked) {
    if (workload.waypoint().isPresent()) {
      Optional<Waypoint> waypoint = waypoint(workload.waypoint().get());
      if (waypoint.isEmpty() || !waypoint.get().is(source)) {
        return toWaypoint(waypoint, asked, Optional.empty());
      }
    }
    return toWorkload(workload, asked, Set.of(workload.identity()), Optional.empty());
  }

  private Route toService(Workload source, Service service, InetSocketAddress asked) {
    if (service.waypoint().isPresent()) {
      Optional<Waypoint> waypoint = waypoint(service.waypoint().get());
      if (waypoint.isEmpty() || !waypoint.get().is(source)) {
        return toWaypoint(waypoint, asked, Optional.of(service));
      }
    }
    Optional<ServicePort> port = find(service, asked.getPort());
    List<Workload> endpoints = mesh.endpoints(service);
    if (port.isEmpty()) {
      return refused(
          "service %s has no port %d".formatted(service.key(), asked.getPort()),
          Optional.of(service));
    }
    if (endpoints.isEmpty()) {
      return service.passthrough()
          ? new Route.Plaintext(asked, Optional.empty(), Optional.of(service))
          : refused(
              "service %s has no ready endpoint".formatted(service.key()), Optional.of(service));
    }
    return toEndpoint(pick(endpoints), service, port.get(), asked);
  }

  private Route toEndpoint(
      Workload endpoint, Service service, ServicePort port, InetSocketAddress asked) {
    Optional<InetAddress> address = Addresses.like(asked.getAddress(), endpoint.addresses());
    OptionalInt target = endpoint.targetPort(service.key(), asked.getPort());
    int targetPort = target.orElse(port.targetPort());
    if (address.isEmpty() || targetPort == 0) {
      return refused(
          "endpoint %s of service %s has no %s"
              .formatted(
                  endpoint.uid(), service.key(), address.isEmpty() ? "address" : "target port"),
          Optional.of(service));
    }
    Set<SpiffeId> expected = new HashSet<>(service.subjectAltNames());
    expected.add(endpoint.identity());
    return toWorkload(
        endpoint,
        new InetSocketAddress(address.get(), targetPort),
        Set.copyOf(expected),
        Optional.of(service));
  }

  private Route toWorkload(
      Workload workload,
      InetSocketAddress target,
      Set<SpiffeId> expected,
      Optional<Service> service) {
    if (!workload.hbone()) {
      return new Route.Plaintext(target, Optional.of(workload), service);
    }
    if (ProxyPorts.isOwn(target.getPort())) {
      return refused("port %d is the proxy's own".formatted(target.getPort()), service);
    }
    return local
        .sockets(workload)
        .<Route>map(sockets -> new Route.SameNode(sockets, target, workload, service))
        .orElseGet(
            () ->
                new Route.Hbone(
                    new InetSocketAddress(target.getAddress(), ProxyPorts.INBOUND_HBONE),
                    target,
                    workload,
                    expected,
                    service));
  }

  /** Never around a waypoint: its policies are the reason that it is there. */
  private Route toWaypoint(
      Optional<Waypoint> waypoint, InetSocketAddress asked, Optional<Service> service) {
    if (waypoint.isEmpty() || waypoint.get().endpoints().isEmpty()) {
      return refused("its waypoint has no ready endpoint", service);
    }
    Workload chosen = pick(waypoint.get().endpoints());
    Optional<InetAddress> address = Addresses.like(asked.getAddress(), chosen.addresses());
    if (address.isEmpty()) {
      return refused("waypoint %s has no address".formatted(chosen.uid()), service);
    }
    return new Route.Hbone(
        new InetSocketAddress(address.get(), waypoint.get().port()),
        asked,
        chosen,
        Set.of(chosen.identity()),
        service);
  }

  private record Waypoint(List<Workload> endpoints, int port) {
    boolean is(Workload workload) {
      return endpoints.stream().anyMatch(e -> e.uid().equals(workload.uid()));
    }
  }

  private Optional<Waypoint> waypoint(WaypointAddress address) {
    Optional<Service> service =
        switch (address) {
          case WaypointAddress.ByService by ->
              mesh.serviceByHostname(by.namespace(), by.hostname());
          case WaypointAddress.ByIp by -> mesh.serviceByVip(by.address());
        };
    if (service.isPresent()) {
      return Optional.of(new Waypoint(mesh.endpoints(service.get()), address.port()));
    }
    return address instanceof WaypointAddress.ByIp by
        ? mesh.workload(by.address()).map(w -> new Waypoint(List.of(w), by.port()))
        : Optional.empty();
  }

  /** At random, by capacity. */
  private Workload pick(List<Workload> endpoints) {
    if (endpoints.size() == 1) {
      return endpoints.getFirst();
    }
    long total = 0;
    for (int i = 0; i < endpoints.size(); i++) {
      total += endpoints.get(i).capacity();
    }
    long at = random.nextLong(total);
    int index = 0;
    while (at >= endpoints.get(index).capacity()) {
      at -= endpoints.get(index).capacity();
      index++;
    }
    return endpoints.get(index);
  }

  private static Optional<ServicePort> find(Service service, int port) {
    return service.ports().stream().filter(p -> p.servicePort() == port).findFirst();
  }

  private static Route.Refused refused(String reason, Optional<Service> service) {
    return new Route.Refused(reason, service);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.route;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.xds.EndpointSet;
import dev.culvert.ztunnel.xds.EndpointSet.Purpose;
import dev.culvert.ztunnel.xds.MeshState;
import dev.culvert.ztunnel.xds.Service;
import dev.culvert.ztunnel.xds.ServiceEndpoint;
import dev.culvert.ztunnel.xds.Workload;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.Optional;
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
  private final Gateways gateways;

  /**
   * @param random used by several threads
   */
  public Router(MeshState mesh, LocalPods local, RandomGenerator random) {
    this.mesh = mesh;
    this.local = local;
    this.random = random;
    this.gateways = new Gateways(mesh, random);
  }

  /** One that decides the same by another look at the mesh. */
  Router seeing(MeshState other) {
    return new Router(other, local, random);
  }

  /**
   * The way from a pod to the address that it asked for.
   *
   * @param asked never v4-mapped
   */
  public Route route(Workload source, InetSocketAddress asked) {
    InetAddress address = asked.getAddress();
    if (ProxyPorts.isOwn(asked.getPort())
        && (address.isLoopbackAddress() || source.addresses().contains(address))) {
      return refused("attempted recursive call to ourselves", Optional.empty());
    }
    Optional<Service> service = mesh.serviceByVip(address, source.namespace());
    return service.isPresent()
        ? toService(source, service.get(), asked)
        : toAddress(source, asked, service);
  }

  /**
   * The way to a port of a service, whether or not it has an address.
   *
   * @param asked the service's port, at an address of the family that is rather wanted
   */
  public Route toService(Workload source, Service service, InetSocketAddress asked) {
    Optional<Waypoint> waypoint = gateways.waypointOf(service, source, asked);
    if (waypoint.isPresent()) {
      return toWaypoint(waypoint.get(), source, asked, Optional.of(service));
    }
    if (service.passthrough()) {
      return toAddress(source, asked, Optional.of(service));
    }
    if (service.port(asked.getPort()).isEmpty()) {
      return refused(
          "service %s has no port %d".formatted(service.key(), asked.getPort()),
          Optional.of(service));
    }
    Optional<ServiceEndpoint> endpoint =
        mesh.endpoints(service)
            .draw(source, asked.getAddress(), asked.getPort(), Purpose.APP, random);
    return endpoint.isPresent()
        ? toEndpoint(endpoint.get(), source, asked, service)
        : refused(
            "service %s has no ready endpoint for port %d that this pod can reach"
                .formatted(service.key(), asked.getPort()),
            Optional.of(service));
  }

  /**
   * The endpoints that {@link #toService} draws from, for who chooses among them itself.
   *
   * @return empty when it does not draw from endpoints
   */
  public Optional<EndpointSet> endpoints(
      Workload source, Service service, InetSocketAddress asked) {
    boolean drawn =
        !service.passthrough()
            && service.port(asked.getPort()).isPresent()
            && gateways.waypointOf(service, source, asked).isEmpty();
    return drawn ? Optional.of(mesh.endpoints(service)) : Optional.empty();
  }

  /** The way to an endpoint of a service. */
  public Route toEndpoint(
      ServiceEndpoint endpoint, Workload source, InetSocketAddress asked, Service service) {
    return endpoint.target().isPresent()
        ? toWorkload(
            endpoint.workload(), endpoint.target().get(), endpoint.expected(), Optional.of(service))
        : throughGateway(endpoint, source, asked, service);
  }

  /** The way to a pod itself, or to what nobody knows. */
  public Route toAddress(Workload source, InetSocketAddress asked) {
    return toAddress(source, asked, Optional.empty());
  }

  private Route toAddress(Workload source, InetSocketAddress asked, Optional<Service> service) {
    Optional<Workload> known = mesh.workload(asked.getAddress());
    if (known.isEmpty()) {
      return new Route.Plaintext(asked, Optional.empty(), service);
    }
    Workload workload = known.get();
    if (workload.waypoint().isPresent()) {
      Optional<Waypoint> waypoint =
          gateways.waypointOf(workload.waypoint().get(), source, asked.getAddress());
      if (waypoint.isPresent()) {
        return toWaypoint(waypoint.get(), source, asked, service);
      }
    }
    return toWorkload(workload, asked, Set.of(workload.identity()), service);
  }

  /** An app that is told of its clients is told so by who ends their tunnels. */
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
    if (target.isUnresolved()) {
      return refused(
          "endpoint %s takes tunnels but has no address".formatted(workload.uid()), service);
    }
    return local
        .sockets(workload)
        .filter(sockets -> workload.applicationTunnel().isEmpty())
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
      Waypoint waypoint, Workload source, InetSocketAddress asked, Optional<Service> service) {
    if (waypoint.endpoint().isEmpty()) {
      return refused(waypoint.problem(), service);
    }
    ServiceEndpoint endpoint = waypoint.endpoint().get();
    if (endpoint.target().isPresent() && !endpoint.target().get().isUnresolved()) {
      return new Route.Hbone(
          endpoint.target().get(), asked, endpoint.workload(), endpoint.expected(), service);
    }
    return service.isPresent()
        ? throughGateway(endpoint, source, asked, service.get())
        : refused("its waypoint is of another network, which takes only services", service);
  }

  private Route throughGateway(
      ServiceEndpoint endpoint, Workload source, InetSocketAddress asked, Service service) {
    Workload workload = endpoint.workload();
    Optional<ServiceEndpoint> gateway =
        workload
            .networkGateway()
            .flatMap(address -> gateways.gateway(address, source, asked.getAddress()));
    if (gateway.isEmpty() || gateway.get().target().isEmpty()) {
      return refused(
          "the gateway of network %s, where %s is, is not known"
              .formatted(workload.network(), workload.uid()),
          Optional.of(service));
    }
    return new Route.DoubleHbone(
        gateway.get().target().get(),
        InetSocketAddress.createUnresolved(service.hostname(), asked.getPort()),
        gateway.get().expected(),
        workload,
        endpoint.expected(),
        Optional.of(service));
  }

  private static Route.Refused refused(String reason, Optional<Service> service) {
    return new Route.Refused(reason, service);
  }
}

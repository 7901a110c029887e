// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.Resources;
import dev.culvert.waypoint.balance.Cluster;
import dev.culvert.waypoint.balance.Clusters;
import dev.culvert.waypoint.kept.Piece;
import dev.culvert.waypoint.plan.Asking;
import dev.culvert.waypoint.plan.BackendTls;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.Pick;
import dev.culvert.waypoint.plan.Picker;
import dev.culvert.waypoint.plan.RouteTreatment;
import dev.culvert.waypoint.plan.Treatment;
import dev.culvert.waypoint.route.Backends;
import dev.culvert.ztunnel.route.Router;
import dev.culvert.ztunnel.xds.MeshState;
import dev.culvert.ztunnel.xds.Service;
import dev.culvert.ztunnel.xds.ServicePort;
import dev.culvert.ztunnel.xds.Workload;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The services of the mesh as backends. Where a request goes is asked of the mesh when it goes: a
 * change of endpoints costs nothing and is in force at once.
 */
final class MeshBackends implements Backends {
  private final MeshState mesh;
  private final Router router;
  private final Self self;
  private final String domain;
  private final Clusters clusters;

  /**
   * @param domain the end of services' host names
   */
  MeshBackends(MeshState mesh, Router router, Self self, String domain, Clusters clusters) {
    this.clusters = clusters;
    this.mesh = mesh;
    this.router = router;
    this.self = self;
    this.domain = domain;
  }

  /**
   * From now on these policies count for services.
   *
   * @return which of them have no effect, and why
   */
  List<String> apply(Resources files) {
    return clusters.apply(files);
  }

  @Override
  public Optional<Destination> destination(String namespace, String name, int port) {
    return Optional.of(
        piece(port(namespace, name, port), Optional.empty(), "").make(new ArrayList<>()));
  }

  @Override
  public RouteTreatment treatment(Resource route) {
    return clusters.treatment(route);
  }

  /** A port of a service, which may exist or not. */
  record PortKey(String namespace, String name, String hostname, int port) {}

  /** That of a name. */
  PortKey port(String namespace, String name, int port) {
    return new PortKey(namespace, name, "%s.%s.svc.%s".formatted(name, namespace, domain), port);
  }

  /** That of a service itself. */
  static PortKey port(Service service, int port) {
    return new PortKey(service.namespace(), service.name(), service.hostname(), port);
  }

  /**
   * A port of a service.
   *
   * @param tls how TLS is spoken to its endpoints; empty for not at all
   * @param shownBy whose certificate they are shown; empty when they are shown none
   */
  Piece<Destination> piece(PortKey port, Optional<BackendTls> tls, String shownBy) {
    Cluster cluster = clusters.of(port.namespace(), port.name(), port.port(), shownBy);
    return new MeshDestination(this, port, cluster, tls, shownBy);
  }

  /** What it comes to. */
  Destination service(PortKey at, Cluster cluster, Optional<BackendTls> tls) {
    ServiceEndpoints endpoints = new ServiceEndpoints(router, cluster, tls);
    Picker picker =
        new Picker() {
          @Override
          public Pick next(Asking asking) {
            return pick(at, endpoints, asking);
          }

          @Override
          public Treatment treatment() {
            return cluster.treatment();
          }
        };
    return new Destination(at.namespace(), at.name(), at.hostname(), at.port(), picker);
  }

  private Pick pick(PortKey at, ServiceEndpoints endpoints, Asking asking) {
    Optional<Service> service = mesh.serviceByHostname(at.namespace(), at.hostname());
    Optional<ServicePort> served = service.flatMap(one -> one.port(at.port()));
    if (served.isEmpty()) {
      return new Pick.None(
          true, "there is no service %s with port %d".formatted(at.hostname(), at.port()));
    }
    Optional<Workload> own = self.workload(mesh);
    return own.isEmpty()
        ? unknown()
        : endpoints.next(
            own.get(),
            service.get(),
            served.get(),
            at(service.get(), asking.address(), at.port()),
            asking);
  }

  private static InetSocketAddress at(Service service, InetSocketAddress asked, int port) {
    InetAddress address = address(service, asked.getAddress());
    return asked.getPort() == port && address.equals(asked.getAddress())
        ? asked
        : new InetSocketAddress(address, port);
  }

  /**
   * The service's own address, by which its waypoint would be asked for it, of the family that the
   * client used if it has one.
   */
  private static InetAddress address(Service service, InetAddress wanted) {
    InetAddress other = null;
    for (Service.Vip vip : service.vips()) {
      if (vip.address().equals(wanted)) {
        return wanted;
      }
      if (!vip.isRange() && (other == null || isOfFamily(vip.address(), wanted))) {
        other = vip.address();
      }
    }
    return other == null ? wanted : other;
  }

  private static boolean isOfFamily(InetAddress address, InetAddress other) {
    return address instanceof Inet4Address == other instanceof Inet4Address;
  }

  /** A pod that was asked for itself. */
  Destination of(Asked.OfPod asked) {
    InetSocketAddress address = asked.address();
    return new Destination(
        asked.pod().namespace(),
        "",
        address.getAddress().getHostAddress(),
        address.getPort(),
        asking -> {
          Optional<Workload> own = self.workload(mesh);
          return own.isEmpty()
              ? unknown()
              : Targets.of(router.toAddress(own.get(), address), asked.protocol(), asking);
        });
  }

  private Pick unknown() {
    return new Pick.None(
        false,
        "the control plane does not know this waypoint's pod %s/%s"
            .formatted(self.waypoint().namespace(), self.pod()));
  }
}

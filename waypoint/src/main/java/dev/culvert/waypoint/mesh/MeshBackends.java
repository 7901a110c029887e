// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.waypoint.plan.Asking;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.plan.Pick;
import dev.culvert.waypoint.route.Backends;
import dev.culvert.ztunnel.route.Router;
import dev.culvert.ztunnel.xds.MeshState;
import dev.culvert.ztunnel.xds.Service;
import dev.culvert.ztunnel.xds.ServicePort;
import dev.culvert.ztunnel.xds.Workload;
import java.net.InetSocketAddress;
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

  /**
   * @param domain the end of services' host names
   */
  MeshBackends(MeshState mesh, Router router, Self self, String domain) {
    this.mesh = mesh;
    this.router = router;
    this.self = self;
    this.domain = domain;
  }

  @Override
  public Optional<Destination> destination(String namespace, String name, int port) {
    String hostname = "%s.%s.svc.%s".formatted(name, namespace, domain);
    return Optional.of(service(namespace, name, hostname, port));
  }

  /** A port of a service itself. */
  Destination of(Service service, int port) {
    return service(service.namespace(), service.name(), service.hostname(), port);
  }

  private Destination service(String namespace, String name, String hostname, int port) {
    return new Destination(
        namespace, name, hostname, port, asking -> pick(namespace, hostname, port, asking));
  }

  private Pick pick(String namespace, String hostname, int port, Asking asking) {
    Optional<Service> service = mesh.serviceByHostname(namespace, hostname);
    Optional<ServicePort> served = service.flatMap(one -> one.port(port));
    if (served.isEmpty()) {
      return new Pick.None(true, "there is no service %s with port %d".formatted(hostname, port));
    }
    Optional<Workload> own = self.workload(mesh);
    return own.isEmpty()
        ? unknown()
        : Targets.of(
            router.toService(own.get(), service.get(), at(asking.address(), port)),
            served.get().protocol(),
            asking);
  }

  private static InetSocketAddress at(InetSocketAddress asked, int port) {
    return asked.getPort() == port ? asked : new InetSocketAddress(asked.getAddress(), port);
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

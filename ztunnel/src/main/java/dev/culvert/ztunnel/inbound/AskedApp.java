// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.inbound;

import dev.culvert.ztunnel.hbone.Authority;
import dev.culvert.ztunnel.route.ProxyPorts;
import dev.culvert.ztunnel.route.WaypointInstances;
import dev.culvert.ztunnel.xds.ApplicationTunnel;
import dev.culvert.ztunnel.xds.ApplicationTunnel.Protocol;
import dev.culvert.ztunnel.xds.MeshState;
import dev.culvert.ztunnel.xds.Service;
import dev.culvert.ztunnel.xds.ServicePort;
import dev.culvert.ztunnel.xds.Workload;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Finds which app of a pod a CONNECT is for: always one of the pod itself, asked for by the pod's
 * address, by a service that it is behind, or by what it is the waypoint of.
 */
final class AskedApp {
  private static final InetAddress LOOPBACK4 = InetAddress.ofLiteral("127.0.0.1");
  private static final InetAddress LOOPBACK6 = InetAddress.ofLiteral("::1");

  private final MeshState mesh;
  private final Workload pod;
  private final InetAddress own;
  private final InetSocketAddress asked;

  /** What was found. */
  sealed interface Found {}

  /**
   * An app.
   *
   * @param at the pod's own address, or its loopback, and the app's port
   * @param told what it is to be told by a header was asked for; empty without a header
   */
  record App(InetSocketAddress at, Optional<InetSocketAddress> told) implements Found {}

  /** The CONNECT cannot be meant for this pod. */
  record Nothing(String problem) implements Found {}

  /**
   * @param own the pod's address that the tunnel leads to
   * @param asked unresolved for the host name of a service
   */
  AskedApp(MeshState mesh, Workload pod, InetAddress own, InetSocketAddress asked) {
    this.mesh = mesh;
    this.pod = pod;
    this.own = own;
    this.asked = asked;
  }

  Found find() {
    Found found = asked.isUnresolved() ? byName() : byAddress();
    return found instanceof App app && ProxyPorts.isOwn(app.at().getPort())
        ? new Nothing("attempted recursive call to ourselves")
        : found;
  }

  private Found byAddress() {
    boolean isOwn = asked.getAddress().equals(own);
    return isOwn || pod.applicationTunnel().isPresent() || isWaypointOf(asked.getAddress())
        ? app(asked.getPort(), asked)
        : new Nothing(
            "asked for %s, but the tunnel leads to %s"
                .formatted(Authority.format(asked), own.getHostAddress()));
  }

  /** Without a header the app sees less of what was asked for, which is its choice. */
  private boolean isWaypointOf(InetAddress address) {
    WaypointInstances instances = new WaypointInstances(mesh);
    Optional<Service> service = mesh.serviceByVip(address, pod.namespace());
    return service.isPresent()
        ? instances.isWaypointOf(service.get(), pod)
        : mesh.workload(address).filter(one -> instances.isWaypointOf(one, pod)).isPresent();
  }

  private Found byName() {
    String hostname = asked.getHostString();
    for (String key : pod.services().keySet()) {
      if (key.endsWith("/" + hostname)) {
        return ofOwn(key);
      }
    }
    return mesh.serviceByHostname(pod.namespace(), hostname)
        .filter(this::standsBefore)
        .<Found>map(service -> app(asked.getPort(), told(Optional.of(service))))
        .orElseGet(this::noService);
  }

  private Found ofOwn(String key) {
    Optional<Service> service =
        mesh.serviceByHostname(key.substring(0, key.indexOf('/')), asked.getHostString());
    OptionalInt own = pod.targetPort(key, asked.getPort());
    OptionalInt port = own.isPresent() ? own : targetPort(service);
    return port.isPresent() ? app(port.getAsInt(), told(service)) : noService();
  }

  private OptionalInt targetPort(Optional<Service> service) {
    return service
        .flatMap(one -> one.port(asked.getPort()))
        .map(ServicePort::targetPort)
        .filter(port -> port > 0)
        .map(OptionalInt::of)
        .orElse(OptionalInt.empty());
  }

  private Found noService() {
    return new Nothing("%s is no service of this pod".formatted(asked));
  }

  private boolean standsBefore(Service service) {
    return pod.applicationTunnel().isPresent()
        || new WaypointInstances(mesh).isWaypointOf(service, pod);
  }

  /** An address of the service that was asked for by its name, rather of the tunnel's family. */
  private InetSocketAddress told(Optional<Service> service) {
    List<InetAddress> all =
        service.stream().flatMap(one -> one.vips().stream()).map(Service.Vip::address).toList();
    InetAddress address =
        all.stream()
            .filter(one -> one.getClass() == own.getClass())
            .findFirst()
            .or(() -> all.stream().findFirst())
            .orElse(own);
    return new InetSocketAddress(address, asked.getPort());
  }

  /** Nobody outside of the pod can speak to its loopback and pretend to be a proxy. */
  private App app(int port, InetSocketAddress told) {
    Optional<ApplicationTunnel> tunnel = pod.applicationTunnel();
    int taken = tunnel.isPresent() ? tunnel.get().port().orElse(port) : port;
    if (tunnel.filter(one -> one.protocol() == Protocol.PROXY).isEmpty()) {
      return new App(new InetSocketAddress(own, taken), Optional.empty());
    }
    InetAddress loopback = own instanceof Inet4Address ? LOOPBACK4 : LOOPBACK6;
    return new App(new InetSocketAddress(loopback, taken), Optional.of(told));
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.route;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.transport.PodSockets;
import dev.culvert.ztunnel.xds.Service;
import dev.culvert.ztunnel.xds.Workload;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.Set;

/** The way that a connection takes. */
public sealed interface Route {
  /** The service that was asked for. */
  Optional<Service> service();

  /**
   * Through a tunnel.
   *
   * @param tunnel where the tunnel ends
   * @param target what is asked for in it
   * @param destination the workload at the end of the tunnel: the one asked for, or its waypoint
   * @param expected the identities of which the other end must prove one
   */
  record Hbone(
      InetSocketAddress tunnel,
      InetSocketAddress target,
      Workload destination,
      Set<SpiffeId> expected,
      Optional<Service> service)
      implements Route {

    /** Whether a waypoint decides where the connection ends. */
    public boolean isToWaypoint() {
      return !destination.addresses().contains(target.getAddress());
    }
  }

  /**
   * Through a tunnel in a tunnel, to another network: the outer ends at that network's gateway, the
   * inner behind it.
   *
   * @param tunnel where the outer tunnel ends
   * @param target what is asked for in both: the service's host name, unresolved, and its port
   * @param gatewayExpected the identities of which the gateway must prove one
   * @param destination an endpoint behind the gateway, which may choose another
   * @param expected the identities of which the end of the inner tunnel must prove one
   */
  record DoubleHbone(
      InetSocketAddress tunnel,
      InetSocketAddress target,
      Set<SpiffeId> gatewayExpected,
      Workload destination,
      Set<SpiffeId> expected,
      Optional<Service> service)
      implements Route {}

  /**
   * To a pod of the same node: authorized as if it came in a tunnel, then straight to its app.
   *
   * @param sockets of the destination's namespace
   */
  record SameNode(
      PodSockets sockets, InetSocketAddress target, Workload destination, Optional<Service> service)
      implements Route {}

  /** As plaintext from the source's namespace, to what has no tunnel. */
  record Plaintext(
      InetSocketAddress target, Optional<Workload> destination, Optional<Service> service)
      implements Route {}

  /** Nowhere. */
  record Refused(String reason, Optional<Service> service) implements Route {}
}

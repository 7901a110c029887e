// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import dev.culvert.policy.spiffe.SpiffeId;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * A service as the control plane describes it, decoded once.
 *
 * @param vips the addresses clients connect to, of the own network
 * @param subjectAltNames identities an endpoint may prove instead of its own
 * @param passthrough whether a connection without an endpoint goes to the address as it is
 * @param takesUnready whether endpoints count that are not ready
 * @param waypoint the L7 proxy its traffic goes through
 */
public record Service(
    String namespace,
    String name,
    String hostname,
    List<Vip> vips,
    List<ServicePort> ports,
    List<SpiffeId> subjectAltNames,
    boolean passthrough,
    boolean takesUnready,
    Optional<WaypointAddress> waypoint) {

  /**
   * An address or a range.
   *
   * @param prefixLength in bits; all of them for a single address
   */
  public record Vip(InetAddress address, int prefixLength) {}

  public Service {
    vips = List.copyOf(vips);
    ports = List.copyOf(ports);
    subjectAltNames = List.copyOf(subjectAltNames);
  }

  /** {@code NAMESPACE/HOSTNAME}, as workloads name it. */
  public String key() {
    return namespace + "/" + hostname;
  }
}

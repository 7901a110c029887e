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
 * @param preference which endpoints are near enough for a client
 * @param takesUnready whether endpoints count that are not ready
 * @param waypoint the L7 proxy its traffic goes through
 * @param weightedWaypoints several of them that share it; the only waypoints unless empty
 * @param canonical whether it goes before others of the same address or name
 * @param namespaceOnly whether clients of other namespaces do not see it
 * @param headless whether it has no address in any network
 * @param families the only ones that its name is told by
 */
public record Service(
    String namespace,
    String name,
    String hostname,
    List<Vip> vips,
    List<ServicePort> ports,
    List<SpiffeId> subjectAltNames,
    RoutingPreference preference,
    boolean takesUnready,
    Optional<GatewayAddress> waypoint,
    List<WeightedWaypoint> weightedWaypoints,
    boolean canonical,
    boolean namespaceOnly,
    boolean headless,
    Families families) {

  /** IP families of a service. */
  public enum Families {
    ANY,
    IPV4_ONLY,
    IPV6_ONLY,
    DUAL
  }

  /**
   * An address or a range.
   *
   * @param prefixLength in bits; all of them for a single address
   */
  public record Vip(InetAddress address, int prefixLength) {
    /** Whether it is more than one address. */
    public boolean isRange() {
      return prefixLength < address.getAddress().length * Byte.SIZE;
    }
  }

  public Service {
    vips = List.copyOf(vips);
    ports = List.copyOf(ports);
    subjectAltNames = List.copyOf(subjectAltNames);
    weightedWaypoints = List.copyOf(weightedWaypoints);
  }

  /** {@code NAMESPACE/HOSTNAME}, as workloads name it. */
  public String key() {
    return namespace + "/" + hostname;
  }

  /** Whether clients of the namespace can see it. */
  public boolean isVisibleTo(String clientNamespace) {
    return !namespaceOnly || namespace.equals(clientNamespace);
  }

  /** Whether connections go to the address that was asked for, past all endpoints. */
  public boolean passthrough() {
    return preference.isPassthrough();
  }

  /** The port that clients connect to, if it has it. */
  public Optional<ServicePort> port(int servicePort) {
    for (int i = 0; i < ports.size(); i++) {
      if (ports.get(i).servicePort() == servicePort) {
        return Optional.of(ports.get(i));
      }
    }
    return Optional.empty();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A service that Kubernetes has no Service for ({@code networking.istio.io}).
 *
 * @param hosts its names, in lower case, exact or with the first label {@code *}; at least one
 * @param addresses its virtual addresses and ranges
 * @param ports each with a number as its target port
 * @param endpoints what is behind it; empty when there is a selector
 * @param workloadSelector labels of what is behind it in its namespace; empty for none
 * @param exportTo the namespaces that see it, {@code .} for its own; empty for all
 * @param subjectAltNames identities that its endpoints may prove instead of their own
 * @param assigned addresses that somebody gave to its hosts, from its status
 */
public record ServiceEntryResource(
    ObjectMeta metadata,
    List<String> hosts,
    List<IpBlock> addresses,
    List<ServicePort> ports,
    boolean meshInternal,
    Resolution resolution,
    List<WorkloadEntrySpec> endpoints,
    Map<String, String> workloadSelector,
    List<String> exportTo,
    List<String> subjectAltNames,
    List<HostAddress> assigned)
    implements Resource {

  /** How the address of a connection is found. */
  public enum Resolution {
    /** It is the one that was asked for. */
    NONE,
    /** It is that of an endpoint. */
    STATIC,
    /** It is what DNS says of the name of an endpoint, or of the host when there is none. */
    DNS
  }

  /**
   * An address that was given to a host.
   *
   * @param host empty for all of them
   */
  public record HostAddress(String host, InetAddress address) {}

  public ServiceEntryResource {
    hosts = List.copyOf(hosts);
    addresses = List.copyOf(addresses);
    ports = List.copyOf(ports);
    endpoints = List.copyOf(endpoints);
    workloadSelector = Map.copyOf(workloadSelector);
    exportTo = List.copyOf(exportTo);
    subjectAltNames = List.copyOf(subjectAltNames);
    assigned = List.copyOf(assigned);
  }

  @Override
  public String kind() {
    return "ServiceEntry";
  }

  /** The addresses of one of its hosts: its own, or else those that were given to it. */
  public List<IpBlock> addresses(String host) {
    if (!addresses.isEmpty()) {
      return addresses;
    }
    return assigned.stream()
        .filter(one -> one.host().isEmpty() || one.host().equals(host))
        .map(one -> IpBlock.of(one.address()))
        .toList();
  }

  /** The host that DNS is to be asked for, when it has no endpoints of its own. */
  public Optional<String> resolvedHost(String host) {
    boolean implied =
        resolution == Resolution.DNS && endpoints.isEmpty() && workloadSelector.isEmpty();
    return implied ? Optional.of(host) : Optional.empty();
  }

  /** Whether its selector picks something of its namespace with these labels. */
  public boolean selects(String namespace, Map<String, String> labels) {
    return !workloadSelector.isEmpty()
        && metadata.namespace().equals(namespace)
        && labels.entrySet().containsAll(workloadSelector.entrySet());
  }
}

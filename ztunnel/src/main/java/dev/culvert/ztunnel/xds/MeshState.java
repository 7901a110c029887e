// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import dev.culvert.policy.authz.PolicyIndex;
import java.net.InetAddress;
import java.util.List;
import java.util.Optional;

/**
 * What the node knows of the mesh now. Read from event loops: no call locks, waits or allocates
 * more than its answer. Addresses are asked for as they are; a v4-mapped one means its IPv4.
 */
public interface MeshState {

  /** The workload that has the address in the own network. */
  Optional<Workload> workload(InetAddress address);

  /** The workload of a pod. */
  Optional<Workload> workload(String namespace, String name);

  /** The service that has the address, or whose range holds it. */
  Optional<Service> serviceByVip(InetAddress address);

  /** The service of a host name. */
  Optional<Service> serviceByHostname(String namespace, String hostname);

  /**
   * The workloads that a new connection to the service may go to: ready, unless the service takes
   * others, and of the best rank that its routing preference has for this node.
   */
  List<Workload> endpoints(Service service);

  /** All policies received. */
  PolicyIndex policies();

  /** Calls back, on any thread, after each change; the callback must be quick. */
  void onChange(Runnable callback);
}

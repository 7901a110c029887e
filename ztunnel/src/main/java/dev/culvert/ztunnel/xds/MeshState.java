// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import dev.culvert.policy.authz.PolicyIndex;
import java.net.InetAddress;
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

  /** The workload that has the address in a network. */
  Optional<Workload> workload(String network, InetAddress address);

  /**
   * The service that the address means to clients of the namespace: one that has it, or whose range
   * holds it.
   */
  Optional<Service> serviceByVip(InetAddress address, String clientNamespace);

  /** The service of a host name. */
  Optional<Service> serviceByHostname(String namespace, String hostname);

  /** What new connections to the service may go to. */
  EndpointSet endpoints(Service service);

  /** All policies received. */
  PolicyIndex policies();

  /** Calls back, on any thread, after each change; the callback must be quick. */
  void onChange(Runnable callback);
}

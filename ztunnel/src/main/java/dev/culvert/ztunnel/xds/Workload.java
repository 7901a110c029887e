// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import dev.culvert.policy.authz.PolicyKey;
import dev.culvert.policy.spiffe.SpiffeId;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * A pod as the control plane describes it, decoded once.
 *
 * @param uid CLUSTER/GROUP/KIND/NAMESPACE/NAME
 * @param addresses its own, of its network; never v4-mapped
 * @param hostname what stands for its addresses if it has none; empty without
 * @param place where it runs
 * @param hbone whether its node takes HBONE for it on port 15008
 * @param healthy whether a service may pick it
 * @param capacity weight among the endpoints of a service; 0 takes no connections
 * @param policies those that select it by name; others apply by namespace or to all
 * @param services the ports it serves, by {@link Service#key}
 * @param waypoint the L7 proxy its traffic goes through
 * @param networkGateway where other networks reach it
 * @param applicationTunnel how its app is told of what comes out of a tunnel
 */
public record Workload(
    String uid,
    String namespace,
    String name,
    SpiffeId identity,
    List<InetAddress> addresses,
    String hostname,
    Place place,
    boolean hostNetwork,
    boolean hbone,
    boolean healthy,
    int capacity,
    List<PolicyKey> policies,
    Map<String, List<ServicePort>> services,
    Optional<GatewayAddress> waypoint,
    Optional<GatewayAddress> networkGateway,
    Optional<ApplicationTunnel> applicationTunnel,
    Attribution attribution) {

  /**
   * What telemetry says of a workload; empty texts are unknown.
   *
   * @param workloadName the owner, for example the Deployment
   */
  public record Attribution(
      String canonicalName,
      String canonicalRevision,
      WorkloadType workloadType,
      String workloadName,
      String clusterId,
      String region,
      String zone) {}

  /** The kind of a workload's owner; its lower-case name is the baggage key. */
  public enum WorkloadType {
    DEPLOYMENT,
    CRONJOB,
    POD,
    JOB
  }

  public Workload {
    addresses = List.copyOf(addresses);
    policies = List.copyOf(policies);
    services = Map.copyOf(services);
  }

  /** The network that its addresses belong to. */
  public String network() {
    return place.network();
  }

  /** The node it runs on; empty when unknown. */
  public String node() {
    return place.node();
  }

  /** The trust domain of its identity. */
  public String trustDomain() {
    return identity.trustDomain().name();
  }

  /** The service account of its identity. */
  public String serviceAccount() {
    return identity.serviceAccount().orElse("");
  }

  /** Its address of the same family. */
  public Optional<InetAddress> addressLike(InetAddress other) {
    for (int i = 0; i < addresses.size(); i++) {
      if (addresses.get(i) instanceof Inet4Address == other instanceof Inet4Address) {
        return Optional.of(addresses.get(i));
      }
    }
    return Optional.empty();
  }

  /** The port of this workload that serves a service's port. */
  public OptionalInt targetPort(String serviceKey, int servicePort) {
    for (ServicePort port : services.getOrDefault(serviceKey, List.of())) {
      if (port.servicePort() == servicePort) {
        return OptionalInt.of(port.targetPort());
      }
    }
    return OptionalInt.empty();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.net.InetAddress;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A service.
 *
 * @param type ClusterIP, NodePort, LoadBalancer or ExternalName
 * @param clusterIps its virtual addresses; empty when headless or external
 * @param selector labels of its pods; empty when its endpoints are managed by somebody else
 * @param externalName the host that an ExternalName service stands for, else empty
 * @param publishNotReadyAddresses whether pods count before they are ready
 * @param internalTrafficPolicy Cluster or Local
 * @param trafficDistribution for example PreferSameZone; empty when not written
 */
public record ServiceResource(
    ObjectMeta metadata,
    String type,
    List<InetAddress> clusterIps,
    List<ServicePort> ports,
    Map<String, String> selector,
    String externalName,
    boolean publishNotReadyAddresses,
    String internalTrafficPolicy,
    String trafficDistribution)
    implements Resource {

  public ServiceResource {
    clusterIps = List.copyOf(clusterIps);
    ports = List.copyOf(ports);
    selector = Map.copyOf(selector);
  }

  @Override
  public String kind() {
    return "Service";
  }

  /** Whether it has no virtual address: clients get the addresses of its pods. */
  public boolean isHeadless() {
    return clusterIps.isEmpty() && externalName.isEmpty();
  }

  /** The port of a number; that of TCP where other transports have one of the same. */
  public Optional<ServicePort> port(int number) {
    return ports.stream()
        .filter(one -> one.port() == number)
        .min(Comparator.comparing((ServicePort one) -> !one.protocol().equals("TCP")));
  }

  /** Whether its selector picks the pod; a service without one picks none. */
  public boolean selects(PodResource pod) {
    return selects(pod.metadata().namespace(), pod.metadata().labels());
  }

  /** Whether its selector picks something of the namespace with these labels. */
  public boolean selects(String namespace, Map<String, String> labels) {
    return !selector.isEmpty()
        && metadata.namespace().equals(namespace)
        && labels.entrySet().containsAll(selector.entrySet());
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.policy.resource.PodResource;
import java.net.InetAddress;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** Which pods have an address. For a moment two may have one, while it passes to another. */
final class PodAddresses {
  private final Map<InetAddress, NavigableMap<ObjectName, PodResource>> pods = new HashMap<>();

  /** Of several the last by name. */
  Optional<ObjectName> podAt(InetAddress ip) {
    return Optional.ofNullable(pods.get(ip)).map(NavigableMap::lastKey);
  }

  Collection<ObjectName> podsAt(InetAddress ip) {
    NavigableMap<ObjectName, PodResource> at = pods.get(ip);
    return at == null ? List.of() : at.keySet();
  }

  void add(PodResource pod) {
    ownAddresses(pod)
        .forEach(
            ip ->
                pods.computeIfAbsent(ip, _ -> new TreeMap<>())
                    .put(ObjectName.of(pod.metadata()), pod));
  }

  void remove(PodResource pod) {
    ownAddresses(pod)
        .forEach(
            ip ->
                pods.computeIfPresent(
                    ip,
                    (_, at) -> {
                      at.remove(ObjectName.of(pod.metadata()));
                      return at.isEmpty() ? null : at;
                    }));
  }

  /** Those that are the pod's and no other's, in the own network. */
  static List<InetAddress> ownAddresses(PodResource pod) {
    boolean own = !pod.hostNetwork() && NetworkGateways.network(pod.metadata()).isEmpty();
    return own ? pod.podIps() : List.of();
  }
}

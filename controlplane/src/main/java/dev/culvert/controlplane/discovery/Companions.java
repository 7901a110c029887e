// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.discovery;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.culvert.policy.wire.discovery.Resource;
import dev.culvert.policy.wire.workload.Address;
import dev.culvert.policy.wire.workload.Workload;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What a proxy that asks by name is told beside what it named, because it would need it next: the
 * endpoints of a service, and the workloads of its own node. Istiod tells these too. Immutable once
 * made.
 */
final class Companions {
  private final Map<String, Set<String>> behind = new HashMap<>();
  private final Map<String, Set<String>> onNode = new HashMap<>();

  private Companions() {}

  /** Those among the resources; only addresses have any. */
  static Companions of(Collection<Resource> resources) {
    Companions companions = new Companions();
    for (Resource resource : resources) {
      if (resource.getResource().getTypeUrl().equals(TypeUrl.ADDRESS)) {
        companions.add(resource.getName(), address(resource));
      }
    }
    return companions;
  }

  private static Address address(Resource resource) {
    try {
      return Address.parseFrom(resource.getResource().getValue());
    } catch (InvalidProtocolBufferException e) {
      throw new IllegalStateException(resource.getName() + " is no address", e);
    }
  }

  private void add(String name, Address address) {
    if (address.hasWorkload()) {
      Workload workload = address.getWorkload();
      onNode.computeIfAbsent(workload.getNode(), n -> new TreeSet<>()).add(name);
      workload
          .getServicesMap()
          .keySet()
          .forEach(service -> behind.computeIfAbsent(service, s -> new TreeSet<>()).add(name));
    }
  }

  /** The names of what stands behind a service. */
  Set<String> behind(String service) {
    return behind.getOrDefault(service, Set.of());
  }

  /** The names of what runs on a node. */
  Set<String> onNode(String node) {
    return onNode.getOrDefault(node, Set.of());
  }
}

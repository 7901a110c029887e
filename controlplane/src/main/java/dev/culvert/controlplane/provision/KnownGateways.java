// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.provision;

import dev.culvert.controlplane.source.ResourceChanges;
import dev.culvert.policy.mesh.FrontDoor;
import dev.culvert.policy.mesh.ListenerSets;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.ListenerSetResource;
import dev.culvert.policy.resource.NamespaceResource;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceKey;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The Gateways, and whose listeners they open beside their own. Not thread-safe. */
final class KnownGateways {
  private final Map<ResourceKey, GatewayResource> ours = new LinkedHashMap<>();
  private final Map<ResourceKey, GatewayResource> others = new LinkedHashMap<>();
  private final Map<ResourceKey, ListenerSetResource> sets = new HashMap<>();
  private final Map<String, NamespaceResource> namespaces = new HashMap<>();

  /** Takes in a change; whether it is about any of them. */
  boolean update(ResourceChanges changes) {
    boolean news = false;
    for (ResourceKey key : changes.removed()) {
      news |= ours.remove(key) != null || others.remove(key) != null || sets.remove(key) != null;
      if (key.kind().equals("Namespace")) {
        namespaces.remove(key.name());
      }
    }
    for (Resource resource : changes.put()) {
      news |= put(resource);
    }
    return news;
  }

  private boolean put(Resource resource) {
    return switch (resource) {
      case GatewayResource gateway -> put(gateway);
      case ListenerSetResource set -> !set.equals(sets.put(set.key(), set));
      case NamespaceResource one ->
          !one.equals(namespaces.put(one.metadata().name(), one)) && !sets.isEmpty();
      default -> false;
    };
  }

  /** A Gateway whose class was changed loses what was made for it. */
  private boolean put(GatewayResource gateway) {
    boolean own = Shape.ALL.stream().anyMatch(one -> one.className().equals(gateway.className()));
    (own ? ours : others).put(gateway.key(), gateway);
    (own ? others : ours).remove(gateway.key());
    return true;
  }

  /** Those that something is made for, with the listeners of sets as if they were their own. */
  List<GatewayResource> ours() {
    ListenerSets allowed = new ListenerSets(this::namespace);
    return ours.values().stream()
        .map(
            gateway ->
                FrontDoor.isOne(gateway)
                    ? allowed.of(gateway, sets.values().stream()).whole()
                    : gateway)
        .toList();
  }

  /** Those that are of another class now; they are told once. */
  List<GatewayResource> takeOthers() {
    List<GatewayResource> taken = List.copyOf(others.values());
    others.clear();
    return taken;
  }

  private NamespaceResource namespace(String name) {
    return Optional.ofNullable(namespaces.get(name))
        .orElseGet(() -> NamespaceResource.unwritten(name));
  }
}

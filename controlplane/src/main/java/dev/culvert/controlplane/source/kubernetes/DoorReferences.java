// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.source.kubernetes;

import dev.culvert.controlplane.source.ResourceChanges;
import dev.culvert.policy.mesh.FrontDoor;
import dev.culvert.policy.mesh.ListenerSets;
import dev.culvert.policy.resource.BackendTlsPolicyResource;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.ListenerSetResource;
import dev.culvert.policy.resource.NamespaceResource;
import dev.culvert.policy.resource.ObjectRef;
import dev.culvert.policy.resource.ReferenceGrantResource;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceKey;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What front doors name, by all that says so. Not thread-safe. */
final class DoorReferences {
  private final Map<ResourceKey, Resource> known = new HashMap<>();

  /** Takes in a change; whether something else may be named now. */
  boolean update(ResourceChanges changes) {
    boolean changed = false;
    for (ResourceKey key : changes.removed()) {
      changed |= known.remove(key) != null;
    }
    for (Resource resource : changes.put()) {
      changed |= put(resource);
    }
    return changed;
  }

  private boolean put(Resource resource) {
    return switch (resource) {
      case GatewayResource gateway when !FrontDoor.isOne(gateway) ->
          known.remove(gateway.key()) != null;
      case GatewayResource _,
          ListenerSetResource _,
          BackendTlsPolicyResource _,
          ReferenceGrantResource _,
          NamespaceResource _ ->
          !resource.equals(known.put(resource.key(), resource));
      default -> false;
    };
  }

  /** The Secrets and ConfigMaps that they name, and may. */
  Set<ResourceKey> all() {
    ListenerSets allowed = new ListenerSets(this::namespace);
    List<ReferenceGrantResource> grants = resources(ReferenceGrantResource.class).toList();
    Stream<ObjectRef> ofDoors =
        resources(GatewayResource.class)
            .map(gateway -> allowed.of(gateway, resources(ListenerSetResource.class)))
            .flatMap(door -> Stream.concat(door.secrets(grants), door.authorities(grants)));
    Stream<ObjectRef> ofBackends =
        resources(BackendTlsPolicyResource.class).flatMap(BackendTlsPolicyResource::authorityMaps);
    return Stream.concat(ofDoors, ofBackends)
        .map(DoorReferences::key)
        .collect(Collectors.toUnmodifiableSet());
  }

  private static ResourceKey key(ObjectRef ref) {
    return new ResourceKey(ref.kind(), ref.namespace(), ref.name());
  }

  private <T extends Resource> Stream<T> resources(Class<T> type) {
    return known.values().stream().filter(type::isInstance).map(type::cast);
  }

  private NamespaceResource namespace(String name) {
    return known.get(new ResourceKey("Namespace", "", name)) instanceof NamespaceResource one
        ? one
        : NamespaceResource.unwritten(name);
  }
}

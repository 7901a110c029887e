// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.discovery;

import dev.culvert.controlplane.access.Caller;
import dev.culvert.policy.mesh.WaypointName;
import java.util.Map;
import java.util.Optional;

/**
 * What all proxies should know at one moment. Immutable.
 *
 * @param documents the routes and policies of each waypoint, which nobody else is told
 */
public record DiscoverySnapshot(
    ResourceSet addresses, ResourceSet authorizations, Map<WaypointName, ResourceSet> documents) {
  /** A mesh without anything in it. */
  public static final DiscoverySnapshot EMPTY =
      new DiscoverySnapshot(ResourceSet.EMPTY, ResourceSet.EMPTY, Map.of());

  /** Copies the map. */
  public DiscoverySnapshot {
    documents = Map.copyOf(documents);
  }

  /** The resources of a type as the caller may know them; empty when it is not told the type. */
  Optional<ResourceSet> ofType(String typeUrl, Caller caller) {
    return switch (typeUrl) {
      case TypeUrl.ADDRESS -> Optional.of(addresses);
      case TypeUrl.AUTHORIZATION -> Optional.of(authorizations);
      case TypeUrl.DOCUMENT ->
          caller instanceof Caller.Waypoint waypoint
              ? Optional.of(documents.getOrDefault(waypoint.gateway(), ResourceSet.EMPTY))
              : Optional.empty();
      default -> Optional.empty();
    };
  }
}

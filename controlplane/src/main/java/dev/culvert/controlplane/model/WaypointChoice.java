// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.policy.mesh.WaypointName;
import dev.culvert.policy.mesh.WaypointScope;
import dev.culvert.policy.mesh.WaypointUse;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.NamespaceResource;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.ResourceKey;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Which waypoint the labels of something, or else of its namespace, ask for, and whether it can be
 * had.
 *
 * @param problem why it cannot be had, and the remedy; empty when it can
 * @param fits whether it is for what asks
 */
record WaypointChoice(Asker asker, WaypointName name, Optional<String> problem, boolean fits) {

  /** What asks for a waypoint: the thing itself, or its namespace. */
  record Asker(ResourceKey key, ObjectMeta metadata) {}

  /** The thing itself goes before its namespace. */
  static List<Asker> askers(ResourceKey key, ObjectMeta metadata, NamespaceResource namespace) {
    return List.of(new Asker(key, metadata), new Asker(namespace.key(), namespace.metadata()));
  }

  /** What is asked for; empty for none. */
  static Optional<WaypointChoice> of(
      ResourceKey key,
      ObjectMeta metadata,
      NamespaceResource namespace,
      WaypointGateways gateways,
      Predicate<WaypointScope> fits) {
    for (Asker asker : askers(key, metadata, namespace)) {
      Optional<WaypointUse> use = WaypointUse.of(asker.metadata(), metadata.namespace());
      if (use.isPresent()) {
        return use.get()
            .waypoint()
            .map(
                name -> {
                  Optional<GatewayResource> found = gateways.find(name);
                  return new WaypointChoice(
                      asker,
                      name,
                      problem(name, found, namespace),
                      found.map(WaypointScope::of).filter(fits).isPresent());
                });
      }
    }
    return Optional.empty();
  }

  /** Why a waypoint cannot be had from a namespace. */
  static Optional<String> problem(
      WaypointName name, Optional<GatewayResource> found, NamespaceResource from) {
    if (found.isEmpty()) {
      return Optional.of(
          ("its waypoint %s is not there: apply a Gateway of this name and class culvert-waypoint,"
                  + " or correct the label")
              .formatted(name));
    }
    if (!WaypointGateways.allows(found.get(), from)) {
      return Optional.of(
          ("its waypoint %s does not take namespace %s: allow it in allowedRoutes of the HBONE"
                  + " listener of the Gateway, or correct the label")
              .formatted(name, from.metadata().name()));
    }
    return Optional.empty();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.policy.resource.HttpRouteResource.ParentRef;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.RouteResource;
import dev.culvert.policy.resource.ServicePort;
import dev.culvert.policy.resource.ServiceResource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Whose the ports of services are, as the routes of a mesh are attached to them. */
final class ServiceClaims {
  private record Place(ResourceKey service, ServicePort port, String namespace) {}

  private final Map<ResourceKey, List<RouteResource>> byService = new HashMap<>();
  private final Set<RouteResource> known = Collections.newSetFromMap(new IdentityHashMap<>());
  private final Map<Place, PortClaims> ofMesh = new HashMap<>();

  ServiceClaims(MeshObjects mesh) {
    mesh.routes().forEach(this::add);
  }

  private void add(RouteResource route) {
    known.add(route);
    route.parents().stream()
        .map(parent -> parent.to().key())
        .filter(key -> key.kind().equals("Service"))
        .distinct()
        .forEach(key -> byService.computeIfAbsent(key, _ -> new ArrayList<>()).add(route));
  }

  /**
   * Who has the port; empty when the route itself has it, perhaps with others.
   *
   * @param route attached to it, and perhaps not in the mesh yet
   */
  Optional<RouteResource> rival(RouteResource route, ServiceResource service, ServicePort port) {
    String namespace = route.metadata().namespace();
    Place place = new Place(service.key(), port, namespace);
    // A thousand routes of one port are laid side by side once, not once for each of them.
    PortClaims claims =
        known.contains(route)
            ? ofMesh.computeIfAbsent(place, one -> new PortClaims(port, attached(one)))
            : new PortClaims(port, with(route, attached(place)));
    return claims.rival(route);
  }

  private List<RouteResource> attached(Place place) {
    return byService.getOrDefault(place.service(), List.of()).stream()
        .filter(one -> one.metadata().namespace().equals(place.namespace()))
        .filter(one -> one.parents().stream().anyMatch(to -> names(to, place)))
        .toList();
  }

  /** As it will be when the route is applied. */
  private static List<RouteResource> with(RouteResource route, List<RouteResource> others) {
    List<RouteResource> all = new ArrayList<>(List.of(route));
    others.stream().filter(one -> !one.key().equals(route.key())).forEach(all::add);
    return all;
  }

  private static boolean names(ParentRef parent, Place place) {
    return parent.to().key().equals(place.service()) && parent.isFor(place.port());
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.controlplane.model.AppProtocols;
import dev.culvert.policy.resource.HttpRouteResource.ParentRef;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.RouteResource;
import dev.culvert.policy.resource.ServicePort;
import dev.culvert.policy.resource.ServiceResource;
import dev.culvert.policy.resource.StreamRouteResource;
import dev.culvert.policy.route.Hostname;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Whose the ports of services are: of the routes that one namespace attached to a port those of the
 * most specific kind count (Gateway API, GEP-1426), and of two for the same connections the older.
 */
final class ServiceClaims {
  private final Map<ResourceKey, List<RouteResource>> byService = new HashMap<>();

  ServiceClaims(MeshObjects mesh) {
    mesh.routes()
        .forEach(
            route ->
                route.parents().stream()
                    .map(parent -> parent.to().key())
                    .filter(key -> key.kind().equals("Service"))
                    .distinct()
                    .forEach(
                        key -> byService.computeIfAbsent(key, _ -> new ArrayList<>()).add(route)));
  }

  /** Who has the port; empty when the route itself has it, perhaps with others. */
  Optional<RouteResource> rival(RouteResource route, ServiceResource service, ServicePort port) {
    List<RouteResource> attached = new ArrayList<>(List.of(route));
    byService.getOrDefault(service.key(), List.of()).stream()
        .filter(one -> !one.key().equals(route.key()))
        .filter(one -> one.metadata().namespace().equals(route.metadata().namespace()))
        .filter(one -> one.parents().stream().anyMatch(to -> names(to, service, port)))
        .forEach(attached::add);
    List<RouteResource> counting =
        AppProtocols.speech(port).counting(attached).stream()
            .sorted(RouteResource.OLDEST_FIRST)
            .toList();
    if (counting.contains(route)) {
      return route instanceof StreamRouteResource ? holder(route, counting) : Optional.empty();
    }
    return counting.stream().findFirst();
  }

  /** Who has all that it wants; a connection has one way only. */
  private static Optional<RouteResource> holder(
      RouteResource route, List<RouteResource> oldestFirst) {
    Map<Hostname, RouteResource> holders = new HashMap<>();
    for (RouteResource one : oldestFirst) {
      wanted(one).forEach(name -> holders.putIfAbsent(name, one));
    }
    List<RouteResource> others = wanted(route).stream().map(holders::get).toList();
    return others.contains(route) ? Optional.empty() : Optional.of(others.getFirst());
  }

  private static List<Hostname> wanted(RouteResource route) {
    return route.hostnames().isEmpty() ? List.of(Hostname.ANY) : route.hostnames();
  }

  private static boolean names(ParentRef parent, ServiceResource service, ServicePort port) {
    return parent.to().key().equals(service.key()) && parent.isFor(port);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.controlplane.model.AppProtocols;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.RouteResource;
import dev.culvert.policy.resource.ServicePort;
import dev.culvert.policy.resource.StreamRouteResource;
import dev.culvert.policy.route.Hostname;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Whose one port of a service is, of the routes that one namespace attached to it: those of the
 * most specific kind count (Gateway API, GEP-1426), and of two for the same connections the older.
 */
final class PortClaims {
  private final List<RouteResource> oldestFirst;
  private final Set<ResourceKey> counting = new HashSet<>();
  private final Map<Hostname, RouteResource> holders = new HashMap<>();

  PortClaims(ServicePort port, List<RouteResource> attached) {
    oldestFirst =
        AppProtocols.speech(port).counting(attached).stream()
            .sorted(RouteResource.OLDEST_FIRST)
            .toList();
    for (RouteResource route : oldestFirst) {
      counting.add(route.key());
      wanted(route).forEach(name -> holders.putIfAbsent(name, route));
    }
  }

  /**
   * Who has it instead of one that is attached; empty when that one has it, perhaps with others.
   */
  Optional<RouteResource> rival(RouteResource route) {
    if (!counting.contains(route.key())) {
      return oldestFirst.stream().findFirst();
    }
    return route instanceof StreamRouteResource ? holder(route) : Optional.empty();
  }

  /** Who has all that it wants; a connection has one way only. */
  private Optional<RouteResource> holder(RouteResource route) {
    List<RouteResource> others = wanted(route).stream().map(holders::get).toList();
    boolean holds = others.stream().anyMatch(one -> one.key().equals(route.key()));
    return holds ? Optional.empty() : Optional.of(others.getFirst());
  }

  private static List<Hostname> wanted(RouteResource route) {
    return route.hostnames().isEmpty() ? List.of(Hostname.ANY) : route.hostnames();
  }
}

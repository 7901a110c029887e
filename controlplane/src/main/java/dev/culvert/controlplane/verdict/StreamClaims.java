// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.policy.resource.GatewayListener;
import dev.culvert.policy.resource.HttpRouteResource.ParentRef;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.RouteResource;
import dev.culvert.policy.resource.StreamRouteResource;
import dev.culvert.policy.route.Hostname;
import java.util.Comparator;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Whose the connections of a listener are. A connection has one way only: of two routes for a
 * server name the older has it (Gateway API, TLSRoute), and what no TLSRoute has is the oldest
 * TCPRoute's.
 */
final class StreamClaims {
  private static final Comparator<StreamRouteResource> OLDEST_FIRST =
      Comparator.comparing((StreamRouteResource route) -> route.kind().equals("TCPRoute"))
          .thenComparing(RouteResource.OLDEST_FIRST);

  private final Map<Claim, ResourceKey> claims = new HashMap<>();

  private record Claim(ResourceKey owner, String listener, String host) {}

  StreamClaims(MeshObjects mesh, Parents parents) {
    mesh.routes()
        .filter(StreamRouteResource.class::isInstance)
        .map(StreamRouteResource.class::cast)
        .sorted(OLDEST_FIRST)
        .forEach(
            route -> {
              for (ParentRef parent : route.parents()) {
                parents
                    .owner(parent)
                    .map(owner -> new ListenerMatch(mesh, route, owner, parent))
                    .ifPresent(this::claim);
              }
            });
  }

  private void claim(ListenerMatch match) {
    for (GatewayListener listener : match.listeners()) {
      match
          .hosts(listener)
          .forEach(
              host ->
                  claims.putIfAbsent(
                      new Claim(match.owner().key(), listener.name(), host.name()),
                      match.route().key()));
    }
  }

  /** Who has what a route wants of a listener; empty when the route itself has some of it. */
  Optional<ResourceKey> rival(ListenerMatch match, GatewayListener listener) {
    RouteResource route = match.route();
    if (!(route instanceof StreamRouteResource)) {
      return Optional.empty();
    }
    Optional<ResourceKey> rival = Optional.empty();
    for (Hostname host : match.hosts(listener)) {
      ResourceKey holder =
          claims.getOrDefault(
              new Claim(match.owner().key(), listener.name(), host.name()), route.key());
      if (holder.equals(route.key()) || goesBefore(route, holder)) {
        return Optional.empty();
      }
      rival = Optional.of(holder);
    }
    return rival;
  }

  /** One that is not there yet has claimed nothing, and may have the right to. */
  private static boolean goesBefore(RouteResource route, ResourceKey holder) {
    return route.kind().equals("TLSRoute") && holder.kind().equals("TCPRoute");
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.controlplane.model.ServiceBindings.Binding;
import dev.culvert.controlplane.status.Condition;
import dev.culvert.policy.resource.GatewayListener;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.HttpRouteResource;
import dev.culvert.policy.resource.HttpRouteResource.ParentRef;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.ServiceResource;
import dev.culvert.policy.route.Hostname;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Whether a route is attached to its parents: Gateways of ours, and services of the mesh. */
final class RouteVerdicts {
  private final MeshObjects mesh;
  private final BackendVerdicts backends;

  RouteVerdicts(MeshObjects mesh) {
    this.mesh = mesh;
    this.backends = new BackendVerdicts(mesh);
  }

  /** Those parents that we have a say in. */
  List<Attachment> of(HttpRouteResource route) {
    Condition resolved = backends.of(route);
    List<Attachment> all = new ArrayList<>();
    for (int i = 0; i < route.parents().size(); i++) {
      ParentRef parent = route.parents().get(i);
      switch (parent.to().kind()) {
        case "Gateway" -> gateway(route, i, parent, resolved).ifPresent(all::add);
        case "Service" -> service(i, parent, resolved).ifPresent(all::add);
        default -> {
          // Somebody else's.
        }
      }
    }
    return all;
  }

  private Optional<Attachment> gateway(
      HttpRouteResource route, int index, ParentRef parent, Condition resolved) {
    return mesh.gateway(parent.to().namespace(), parent.to().name())
        .filter(Controllers::isOurs)
        .map(
            gateway -> {
              Set<String> attached = listeners(route, gateway, parent);
              Condition accepted =
                  attached.isEmpty()
                      ? refusal(route, gateway, parent)
                      : Say.yes(Say.ACCEPTED, "Accepted", "it is attached to " + gateway.key());
              return new Attachment(
                  index,
                  gateway.key(),
                  Controllers.of(gateway),
                  List.of(accepted, resolved),
                  attached);
            });
  }

  private Set<String> listeners(
      HttpRouteResource route, GatewayResource gateway, ParentRef parent) {
    return gateway.listeners().stream()
        .filter(listener -> names(parent, listener))
        .filter(listener -> allows(gateway, listener, route))
        .filter(listener -> hasHostOf(listener, route))
        .map(GatewayListener::name)
        .collect(Collectors.toSet());
  }

  /** Of several listeners the one that comes nearest to taking it says why. */
  private Condition refusal(HttpRouteResource route, GatewayResource gateway, ParentRef parent) {
    List<GatewayListener> named =
        gateway.listeners().stream().filter(one -> names(parent, one)).toList();
    if (named.isEmpty()) {
      return Say.no(
          Say.ACCEPTED,
          "NoMatchingParent",
          "%s has no listener with %s: correct parentRefs, or add the listener"
              .formatted(gateway.key(), wanted(parent)));
    }
    if (named.stream().noneMatch(one -> allows(gateway, one, route))) {
      return Say.no(
          Say.ACCEPTED,
          "NotAllowedByListeners",
          Controllers.isWaypoint(gateway)
              ? "%s is a waypoint, which takes no routes itself: name the Service in parentRefs"
                  .formatted(gateway.key())
              : "no listener of %s allows a %s of namespace %s: see allowedRoutes of its listeners"
                  .formatted(gateway.key(), route.kind(), route.metadata().namespace()));
    }
    return Say.no(
        Say.ACCEPTED,
        "NoMatchingListenerHostname",
        "no hostname of the route is one of a listener of %s: correct hostnames"
            .formatted(gateway.key()));
  }

  private static String wanted(ParentRef parent) {
    String section = parent.section().isEmpty() ? "" : "name " + parent.section();
    String port = parent.port() == 0 ? "" : "port " + parent.port();
    return section.isEmpty() || port.isEmpty() ? section + port : section + " and " + port;
  }

  private static boolean names(ParentRef parent, GatewayListener listener) {
    return (parent.section().isEmpty() || parent.section().equals(listener.name()))
        && (parent.port() == 0 || parent.port() == listener.port());
  }

  private boolean allows(
      GatewayResource gateway, GatewayListener listener, HttpRouteResource route) {
    return RouteKinds.of(gateway, listener).contains(route.kind())
        && listener
            .allowedRoutes()
            .allows(mesh.namespace(route.metadata().namespace()), gateway.metadata().namespace());
  }

  private static boolean hasHostOf(GatewayListener listener, HttpRouteResource route) {
    Hostname own = listener.hostname().isEmpty() ? Hostname.ANY : new Hostname(listener.hostname());
    return route.hostnames().isEmpty()
        || route.hostnames().stream().anyMatch(host -> host.intersect(own).isPresent());
  }

  /** A route of a service is for whoever goes through the service's waypoint. */
  private Optional<Attachment> service(int index, ParentRef parent, Condition resolved) {
    ResourceKey key = new ResourceKey("Service", parent.to().namespace(), parent.to().name());
    Optional<ServiceResource> service = mesh.service(key.namespace(), key.name());
    if (service.isEmpty()) {
      return Optional.of(
          attachment(
              index,
              key,
              Say.no(
                  Say.ACCEPTED,
                  "NoMatchingParent",
                  "there is no %s: apply it, or correct parentRefs".formatted(key)),
              resolved));
    }
    if (parent.port() != 0
        && service.get().ports().stream().noneMatch(one -> one.port() == parent.port())) {
      return Optional.of(
          attachment(
              index,
              key,
              Say.no(
                  Say.ACCEPTED,
                  "NoMatchingParent",
                  "%s has no port %d: correct parentRefs".formatted(key, parent.port())),
              resolved));
    }
    Condition accepted = Say.yes(Say.ACCEPTED, "Accepted", "it is attached to " + key);
    return Optional.of(attachment(index, key, accepted, resolved, bound(key, service.get())));
  }

  private Condition bound(ResourceKey key, ServiceResource service) {
    Optional<Binding> binding = mesh.bindings().ofService(service.metadata());
    if (binding.isEmpty()) {
      return Say.no(
          Say.WAYPOINT_BOUND,
          "AncestorNotBound",
          ("%s uses no waypoint, so nobody holds to the route: label it, or its namespace,"
                  + " culvert.dev/use-waypoint")
              .formatted(key));
    }
    return binding.get().holds()
        ? Say.yes(Say.WAYPOINT_BOUND, "Accepted", "held to by waypoint " + binding.get().waypoint())
        : Say.no(
            Say.WAYPOINT_BOUND,
            "AncestorNotBound",
            "%s: %s".formatted(key, binding.get().problem().get()));
  }

  private static Attachment attachment(int index, ResourceKey to, Condition... conditions) {
    return new Attachment(index, to, Controllers.MESH, List.of(conditions), Set.of());
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.controlplane.status.Condition;
import dev.culvert.policy.resource.GatewayListener;
import dev.culvert.policy.resource.HttpRouteResource.ParentRef;
import dev.culvert.policy.resource.RouteResource;
import dev.culvert.policy.route.Hostname;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which listeners of a parent take a route (Gateway API, ParentReference and AllowedRoutes).
 *
 * @param owner the parent
 * @param parent as the route names it
 */
record ListenerMatch(MeshObjects mesh, RouteResource route, ListenerOwner owner, ParentRef parent) {

  /** Those that take it. */
  List<GatewayListener> listeners() {
    return named().filter(this::allows).filter(this::hasHost).toList();
  }

  /** Of several listeners the one that comes nearest to taking it says why. */
  Condition refusal() {
    if (named().findAny().isEmpty()) {
      return Say.no(
          Say.ACCEPTED,
          "NoMatchingParent",
          "%s has no listener with %s: correct parentRefs, or add the listener"
              .formatted(owner.key(), wanted()));
    }
    if (named().noneMatch(this::allows)) {
      return Say.no(Say.ACCEPTED, "NotAllowedByListeners", whyNot());
    }
    return Say.no(
        Say.ACCEPTED,
        "NoMatchingListenerHostname",
        "no hostname of the route is one of a listener of %s: correct hostnames"
            .formatted(owner.key()));
  }

  private String whyNot() {
    return Controllers.isWaypoint(owner.gateway())
        ? "%s is a waypoint, which takes no routes itself: name the Service in parentRefs"
            .formatted(owner.key())
        : "no listener of %s allows a %s of namespace %s: see protocol and allowedRoutes of its listeners"
            .formatted(owner.key(), route.kind(), route.metadata().namespace());
  }

  private String wanted() {
    String section = parent.section().isEmpty() ? "" : "name " + parent.section();
    String port = parent.port() == 0 ? "" : "port " + parent.port();
    return section.isEmpty() || port.isEmpty() ? section + port : section + " and " + port;
  }

  private Stream<GatewayListener> named() {
    return owner.listeners().stream()
        .filter(one -> parent.section().isEmpty() || parent.section().equals(one.name()))
        .filter(one -> parent.port() == 0 || parent.port() == one.port());
  }

  private boolean allows(GatewayListener listener) {
    return RouteKinds.of(owner.gateway(), listener).contains(route.kind())
        && listener
            .allowedRoutes()
            .allows(mesh.namespace(route.metadata().namespace()), owner.namespace());
  }

  private boolean hasHost(GatewayListener listener) {
    return !hosts(listener).isEmpty();
  }

  /** Those of the route that the listener takes too. */
  List<Hostname> hosts(GatewayListener listener) {
    Hostname own = listener.hostname().isEmpty() ? Hostname.ANY : new Hostname(listener.hostname());
    return route.hostnames().isEmpty()
        ? List.of(own)
        : route.hostnames().stream().flatMap(host -> host.intersect(own).stream()).toList();
  }
}

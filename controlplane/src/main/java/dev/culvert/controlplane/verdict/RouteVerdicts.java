// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.controlplane.model.ServiceBindings.Binding;
import dev.culvert.controlplane.status.Condition;
import dev.culvert.policy.resource.GatewayListener;
import dev.culvert.policy.resource.HttpRouteResource.ParentRef;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.RouteResource;
import dev.culvert.policy.resource.ServiceResource;
import dev.culvert.policy.resource.StreamRouteResource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Whether a route is attached to its parents: listeners of ours, and services of the mesh. */
final class RouteVerdicts {
  private final MeshObjects mesh;
  private final BackendVerdicts backends;
  private final Parents parents;
  private final StreamClaims claims;

  RouteVerdicts(MeshObjects mesh) {
    this.mesh = mesh;
    this.backends = new BackendVerdicts(mesh);
    this.parents = new Parents(mesh);
    this.claims = new StreamClaims(mesh, parents);
  }

  /** Those parents that we have a say in. */
  List<Attachment> of(RouteResource route) {
    Condition resolved = backends.of(route);
    List<Attachment> all = new ArrayList<>();
    for (int i = 0; i < route.parents().size(); i++) {
      int index = i;
      ParentRef parent = route.parents().get(i);
      if (parent.to().kind().equals("Service")) {
        all.add(service(route, i, parent, resolved));
      } else {
        parents
            .owner(parent)
            .map(owner -> listeners(new ListenerMatch(mesh, route, owner, parent), index, resolved))
            .ifPresent(all::add);
      }
    }
    return all;
  }

  private Attachment listeners(ListenerMatch match, int index, Condition resolved) {
    ListenerOwner owner = match.owner();
    List<Condition> conditions = new ArrayList<>();
    Set<String> attached = new LinkedHashSet<>();
    if (parents.isAllowed(owner)) {
      attach(match, conditions, attached);
    } else {
      conditions.add(
          Say.no(
              Say.ACCEPTED,
              "NoMatchingParent",
              "%s is not accepted by %s: see its status"
                  .formatted(owner.key(), owner.gateway().key())));
    }
    conditions.add(1, resolved);
    return new Attachment(
        index, owner.key(), Controllers.of(owner.gateway()), conditions, attached);
  }

  /** What an older route has everywhere is not this one's. */
  private void attach(ListenerMatch match, List<Condition> conditions, Set<String> attached) {
    List<GatewayListener> listeners = match.listeners();
    if (listeners.isEmpty()) {
      conditions.add(match.refusal());
      return;
    }
    List<String> lost = new ArrayList<>();
    for (GatewayListener listener : listeners) {
      claims
          .rival(match, listener)
          .ifPresentOrElse(
              rival ->
                  lost.add(
                      "%s has the connections of listener %s already"
                          .formatted(rival, listener.name())),
              () -> attached.add(listener.name()));
    }
    String taken = String.join(", ", lost) + ", and is older: remove one, or name another listener";
    if (attached.isEmpty()) {
      conditions.add(Say.no(Say.ACCEPTED, "Conflicted", taken));
      return;
    }
    conditions.add(Say.yes(Say.ACCEPTED, "Accepted", "it is attached to " + match.owner().key()));
    if (!lost.isEmpty()) {
      conditions.add(Say.yes(Say.PARTIALLY_INVALID, "UnsupportedValue", taken));
    }
  }

  /** A route of a service is for whoever goes through the service's waypoint. */
  private Attachment service(RouteResource route, int index, ParentRef parent, Condition resolved) {
    ResourceKey key = parent.to().key();
    if (route instanceof StreamRouteResource) {
      return attachment(
          index,
          key,
          Say.no(
              Say.ACCEPTED,
              "UnsupportedValue",
              ("waypoints hold to HTTPRoutes and GRPCRoutes, so a %s of a Service has no effect:"
                      + " name a Gateway in parentRefs")
                  .formatted(route.kind())),
          resolved);
    }
    Optional<ServiceResource> service = mesh.service(key.namespace(), key.name());
    if (service.isEmpty()) {
      return attachment(
          index,
          key,
          Say.no(
              Say.ACCEPTED,
              "NoMatchingParent",
              "there is no %s: apply it, or correct parentRefs".formatted(key)),
          resolved);
    }
    if (parent.port() != 0
        && service.get().ports().stream().noneMatch(one -> one.port() == parent.port())) {
      return attachment(
          index,
          key,
          Say.no(
              Say.ACCEPTED,
              "NoMatchingParent",
              "%s has no port %d: correct parentRefs".formatted(key, parent.port())),
          resolved);
    }
    Condition accepted = Say.yes(Say.ACCEPTED, "Accepted", "it is attached to " + key);
    return attachment(index, key, accepted, resolved, bound(key, service.get()));
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

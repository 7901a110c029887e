// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.controlplane.status.Condition;
import dev.culvert.policy.resource.GatewayListener;
import dev.culvert.policy.resource.HttpRouteResource.ParentRef;
import dev.culvert.policy.resource.RouteResource;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** Whether a route is attached to its parents: listeners of ours, and services of the mesh. */
final class RouteVerdicts {
  private final MeshObjects mesh;
  private final BackendVerdicts backends;
  private final Parents parents;
  private final StreamClaims claims;
  private final ServiceVerdicts services;

  RouteVerdicts(MeshObjects mesh) {
    this.mesh = mesh;
    this.backends = new BackendVerdicts(mesh);
    this.parents = new Parents(mesh);
    this.claims = new StreamClaims(mesh, parents);
    this.services = new ServiceVerdicts(mesh);
  }

  /** Those parents that we have a say in. */
  List<Attachment> of(RouteResource route) {
    List<Attachment> all = new ArrayList<>();
    for (int i = 0; i < route.parents().size(); i++) {
      int index = i;
      ParentRef parent = route.parents().get(i);
      Condition resolved = backends.of(route, parent);
      if (parent.to().kind().equals("Service")) {
        all.add(services.of(route, i, parent, resolved));
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
}

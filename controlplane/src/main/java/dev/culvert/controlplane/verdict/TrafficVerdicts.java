// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.controlplane.model.ServiceBindings.Binding;
import dev.culvert.controlplane.status.Condition;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.ServiceResource;
import dev.culvert.policy.resource.TargetRef;
import dev.culvert.policy.resource.TrafficPolicy;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Whether a TrafficPolicy is in force, for which of its targets, and who holds to it. */
final class TrafficVerdicts {
  private final MeshObjects mesh;
  private final Map<ResourceKey, List<Attachment>> routes;
  private final Set<ResourceKey> sentTo = new HashSet<>();
  private final Map<Place, TrafficPolicy> chosen = new HashMap<>();

  private record Place(ResourceKey target, String section) {}

  /**
   * @param routes what becomes of each
   */
  TrafficVerdicts(MeshObjects mesh, Map<ResourceKey, List<Attachment>> routes) {
    this.mesh = mesh;
    this.routes = routes;
    mesh.routes()
        .filter(route -> isHeldTo(route.key()))
        .forEach(route -> BackendVerdicts.services(route).forEach(sentTo::add));
    for (TrafficPolicy policy : mesh.trafficPolicies()) {
      policy.targetRefs().forEach(to -> chosen.putIfAbsent(place(policy, to), policy));
    }
  }

  /** The conditions of a policy without errors. */
  List<Condition> of(TrafficPolicy policy) {
    List<TargetRef> left = new ArrayList<>();
    List<Condition> lost = new ArrayList<>();
    for (TargetRef to : policy.targetRefs()) {
      loss(policy, to).ifPresentOrElse(lost::add, () -> left.add(to));
    }
    List<Condition> conditions = new ArrayList<>();
    if (left.isEmpty()) {
      conditions.add(lost.getFirst());
      return conditions;
    }
    conditions.add(Say.yes(Say.ACCEPTED, "Accepted", "for requests through what targetRefs name"));
    if (!lost.isEmpty()) {
      conditions.add(
          Say.yes(
              Say.PARTIALLY_INVALID,
              "UnsupportedValue",
              String.join(". ", lost.stream().map(Condition::message).toList())));
    }
    conditions.add(bound(policy, left));
    return conditions;
  }

  private static Place place(TrafficPolicy policy, TargetRef to) {
    return new Place(
        new ResourceKey(to.kind(), policy.metadata().namespace(), to.name()), to.section());
  }

  /** Why it is not for a target. */
  private Optional<Condition> loss(TrafficPolicy policy, TargetRef to) {
    Place place = place(policy, to);
    if (mesh.find(place.target()).isEmpty()) {
      return Optional.of(notFound("there is no %s".formatted(place.target())));
    }
    if (place.target().kind().equals("Gateway")) {
      GatewayResource gateway =
          mesh.gateway(place.target().namespace(), place.target().name()).orElseThrow();
      Optional<Condition> loss = lossAt(gateway, to.section());
      if (loss.isPresent()) {
        return loss;
      }
    }
    TrafficPolicy first = chosen.getOrDefault(place, policy);
    return first.key().equals(policy.key())
        ? Optional.empty()
        : Optional.of(
            Say.no(
                Say.ACCEPTED,
                "Conflicted",
                "%s is for %s already and is older: remove one, or its target"
                    .formatted(first.key(), place.target())));
  }

  private static Optional<Condition> lossAt(GatewayResource gateway, String section) {
    if (!Controllers.isDoor(gateway)) {
      return Optional.of(
          Say.no(
              Say.ACCEPTED,
              "TargetNotFound",
              "%s is of class %s, and front doors only are told how clients come: name one of class culvert-gateway"
                  .formatted(gateway.key(), gateway.className())));
    }
    return section.isEmpty()
            || gateway.listeners().stream().anyMatch(one -> one.name().equals(section))
        ? Optional.empty()
        : Optional.of(notFound("%s has no listener %s".formatted(gateway.key(), section)));
  }

  private static Condition notFound(String what) {
    return Say.no(Say.ACCEPTED, "TargetNotFound", what + ": apply it, or correct targetRefs");
  }

  /** What a policy that one target lacks is for others all the same. */
  private Condition bound(TrafficPolicy policy, List<TargetRef> targets) {
    return targets.stream()
        .flatMap(to -> unbound(place(policy, to).target()).stream())
        .map(why -> Say.no(Say.WAYPOINT_BOUND, "AncestorNotBound", why))
        .findFirst()
        .orElseGet(() -> Say.yes(Say.WAYPOINT_BOUND, "Accepted", "held to for every target"));
  }

  /** Why nobody holds to it. */
  private Optional<String> unbound(ResourceKey target) {
    return switch (target.kind()) {
      case "Service" -> unboundService(target);
      case "Gateway" -> Optional.empty();
      default ->
          isHeldTo(target)
              ? Optional.empty()
              : Optional.of(
                  "%s is attached to nothing that holds to it: see its status".formatted(target));
    };
  }

  /** A service has its requests from its waypoint, or from whoever has a route to it. */
  private Optional<String> unboundService(ResourceKey key) {
    if (sentTo.contains(key)) {
      return Optional.empty();
    }
    ServiceResource service = mesh.service(key.namespace(), key.name()).orElseThrow();
    Optional<Binding> binding = mesh.bindings().ofService(service.metadata());
    return binding.filter(Binding::holds).isPresent()
        ? Optional.empty()
        : Optional.of(
            "%s: %s"
                .formatted(
                    key,
                    binding
                        .flatMap(Binding::problem)
                        .orElse(
                            "no waypoint or front door sends requests to it, so nobody holds to the"
                                + " policy: label it, or its namespace, culvert.dev/use-waypoint")));
  }

  /** Whether a route is attached to something of which nothing bad is said. */
  private boolean isHeldTo(ResourceKey route) {
    return routes.getOrDefault(route, List.of()).stream()
        .anyMatch(
            one ->
                one.conditions().stream()
                    .filter(it -> !it.type().equals(Say.RESOLVED_REFS))
                    .filter(it -> !it.type().equals(Say.PARTIALLY_INVALID))
                    .allMatch(Condition::holds));
  }
}

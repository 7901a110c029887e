// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.wire.waypoint.Target;
import dev.culvert.waypoint.route.Closed;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/** What is closed because something that is for it cannot be read. */
record Refusals(List<Refusal> all) implements Closed {
  static final Refusals NONE = new Refusals(List.of());

  private static final Set<String> SERVICES = Set.of("Service", "ServiceEntry");

  private static final Set<String> ROUTES =
      Set.of("HTTPRoute", "GRPCRoute", "TCPRoute", "TLSRoute");

  /** What says how services are spoken to, and nothing of who may. */
  private static final Set<String> OF_BACKENDS = Set.of("BackendTLSPolicy", "TrafficPolicy");

  /** What a front door without them does not let in. A policy decides who of the others is. */
  private static final Set<String> OPENING =
      Set.of(
          "Gateway",
          "ListenerSet",
          "HTTPRoute",
          "GRPCRoute",
          "TLSRoute",
          "TCPRoute",
          "ReferenceGrant",
          "Secret",
          "Namespace");

  /**
   * One that cannot be read.
   *
   * @param targets what it is for; empty when that cannot be read either, which closes everything
   */
  record Refusal(String name, Optional<List<Target>> targets) {
    private boolean isOpening() {
      return OPENING.contains(kind());
    }

    private String kind() {
      return name.substring(0, Math.max(name.indexOf(' '), 0));
    }

    /** Whether it is known to be for services only: the door then goes to others. */
    private boolean isForBackends() {
      return targets
          .filter(known -> OF_BACKENDS.contains(kind()) && !known.isEmpty())
          .filter(known -> known.stream().allMatch(one -> one.getKind().equals("Service")))
          .isPresent();
    }

    /** Whether it says what it is for, and names routes only. */
    private boolean isForRoutes() {
      return targets
          .filter(all -> !all.isEmpty())
          .filter(all -> all.stream().allMatch(one -> ROUTES.contains(one.getKind())))
          .isPresent();
    }

    private boolean isFor(ResourceKey route) {
      return targets.stream()
          .flatMap(List::stream)
          .anyMatch(
              one ->
                  one.getKind().equals(route.kind())
                      && one.getNamespace().equals(route.namespace())
                      && one.getName().equals(route.name()));
    }

    private boolean isFor(Asked asked) {
      return targets.isEmpty() || targets.get().stream().anyMatch(one -> covers(one, asked));
    }

    /** A Gateway or a class is this waypoint's: no others are told. A route is closed alone. */
    private static boolean covers(Target target, Asked asked) {
      if (ROUTES.contains(target.getKind())) {
        return false;
      }
      return !SERVICES.contains(target.getKind())
          || asked
              .asService()
              .filter(service -> service.namespace().equals(target.getNamespace()))
              .filter(service -> service.name().equals(target.getName()))
              .isPresent();
    }
  }

  Refusals {
    all = List.copyOf(all);
  }

  /** Why it is closed, if it is. */
  Optional<String> of(Asked asked) {
    return first(one -> one.isFor(asked));
  }

  /** By what could be a policy, and not of single routes or of services. */
  @Override
  public Optional<String> door() {
    return first(one -> !one.isOpening() && !one.isForRoutes() && !one.isForBackends());
  }

  @Override
  public Optional<String> route(ResourceKey key) {
    return first(one -> one.isFor(key));
  }

  /** Why a service is closed to a front door, if it is. */
  Optional<String> backend(String namespace, String name) {
    ResourceKey service = new ResourceKey("Service", namespace, name);
    return first(one -> one.isForBackends() && one.isFor(service));
  }

  private Optional<String> first(Predicate<Refusal> which) {
    return all.stream()
        .filter(which)
        .findFirst()
        .map(one -> one.name + " is for it and cannot be read: it is closed");
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.policy.wire.waypoint.Target;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** What is closed because something that is for it cannot be read. */
record Refusals(List<Refusal> all) {
  static final Refusals NONE = new Refusals(List.of());

  private static final Set<String> SERVICES = Set.of("Service", "ServiceEntry");

  /** What a front door without them does not let in. A policy decides who of the others is. */
  private static final Set<String> OPENING =
      Set.of("Gateway", "HTTPRoute", "GRPCRoute", "ReferenceGrant", "Secret", "Namespace");

  /**
   * One that cannot be read.
   *
   * @param targets what it is for; empty when that cannot be read either, which closes everything
   */
  record Refusal(String name, Optional<List<Target>> targets) {
    private boolean isOpening() {
      return OPENING.contains(name.substring(0, Math.max(name.indexOf(' '), 0)));
    }

    private boolean isFor(Asked asked) {
      return targets.isEmpty() || targets.get().stream().anyMatch(one -> covers(one, asked));
    }

    /** A Gateway or a class is this waypoint's: no others are told. */
    private static boolean covers(Target target, Asked asked) {
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
    return all.stream()
        .filter(one -> one.isFor(asked))
        .findFirst()
        .map(one -> one.name + " is for it and cannot be read: it is closed");
  }

  /** Why a front door is closed, if it is: by what could be a policy. */
  Optional<String> ofDoor() {
    return all.stream()
        .filter(one -> !one.isOpening())
        .findFirst()
        .map(one -> one.name + " is for it and cannot be read: it is closed");
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.policy.authz.request.RequestPolicies;
import dev.culvert.policy.resource.AuthorizationPolicy;
import dev.culvert.policy.resource.ResourceFiles;
import dev.culvert.policy.translate.MeshPolicies;
import dev.culvert.waypoint.authorize.Authorize;
import dev.culvert.waypoint.authorize.ForwardedFor;
import dev.culvert.waypoint.exchange.Phase;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The AuthorizationPolicies that are for this waypoint, by targetRefs; all others are enforced
 * where connections end.
 */
final class WaypointPolicies {
  private static final Set<String> SERVICES = Set.of("Service", "ServiceEntry");

  /** Who a client is, its tunnel proved: no header is believed. */
  private static final ForwardedFor NOBODY = new ForwardedFor(0);

  private final List<AuthorizationPolicy> policies;
  private final Self self;

  WaypointPolicies(ResourceFiles files, Self self) {
    this.self = self;
    this.policies =
        files
            .resources(AuthorizationPolicy.class)
            .filter(policy -> !policy.targetRefs().isEmpty())
            .toList();
  }

  /** What decides on requests; nothing where no policy is for it. */
  List<Phase> guards(Asked asked) {
    RequestPolicies compiled =
        RequestPolicies.of(policies.stream().filter(policy -> isFor(policy, asked)).toList());
    return compiled.isEmpty() ? List.of() : List.of(new Authorize(compiled, NOBODY));
  }

  /**
   * The name of a policy that keeps connections out which are not looked into: none of them is
   * judged, since most say something of requests.
   */
  Optional<String> closing(Asked asked) {
    return policies.stream()
        .filter(policy -> !policy.dryRun() && policy.action() != AuthorizationPolicy.Action.AUDIT)
        .filter(policy -> isFor(policy, asked))
        .map(policy -> policy.metadata().namespace() + "/" + policy.metadata().name())
        .findFirst();
  }

  private boolean isFor(AuthorizationPolicy policy, Asked asked) {
    return isForWaypoint(policy) || isForService(policy, asked);
  }

  private boolean isForWaypoint(AuthorizationPolicy policy) {
    String namespace = policy.metadata().namespace();
    boolean own =
        namespace.equals(self.waypoint().namespace())
            && names(policy, Set.of("Gateway"), self.waypoint().name());
    return own
        || (MeshPolicies.ROOT_NAMESPACES.contains(namespace)
            && names(policy, Set.of("GatewayClass"), self.className()));
  }

  private static boolean isForService(AuthorizationPolicy policy, Asked asked) {
    return asked
        .asService()
        .filter(service -> service.namespace().equals(policy.metadata().namespace()))
        .filter(service -> names(policy, SERVICES, service.name()))
        .isPresent();
  }

  private static boolean names(AuthorizationPolicy policy, Set<String> kinds, String name) {
    return policy.targetRefs().stream()
        .anyMatch(ref -> kinds.contains(ref.kind()) && ref.name().equals(name));
  }
}

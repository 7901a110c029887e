// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.policy.resource.AuthorizationPolicy;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.ResourceFiles;
import dev.culvert.policy.translate.MeshPolicies;
import java.util.List;
import java.util.Optional;

/**
 * The AuthorizationPolicies that are for a Gateway. No phase enforces them yet: what one protects
 * stays closed, instead of being open to all.
 */
final class GatewayPolicies {
  private static final String GATEWAY_NAME = "gateway.networking.k8s.io/gateway-name";

  private final List<AuthorizationPolicy> policies;

  GatewayPolicies(ResourceFiles files) {
    this.policies =
        files
            .resources(AuthorizationPolicy.class)
            .filter(
                policy -> !policy.dryRun() && policy.action() != AuthorizationPolicy.Action.AUDIT)
            .toList();
  }

  /** The name of one that is for it. */
  Optional<String> of(GatewayResource gateway) {
    return policies.stream()
        .filter(policy -> isFor(policy, gateway))
        .map(policy -> policy.metadata().namespace() + "/" + policy.metadata().name())
        .findFirst();
  }

  private static boolean isFor(AuthorizationPolicy policy, GatewayResource gateway) {
    ObjectMeta own = gateway.metadata();
    boolean root = MeshPolicies.ROOT_NAMESPACES.contains(policy.metadata().namespace());
    boolean near = policy.metadata().namespace().equals(own.namespace());
    if (!policy.targetRefs().isEmpty()) {
      return (near && names(policy, "Gateway", own.name()))
          || (root && names(policy, "GatewayClass", gateway.className()));
    }
    return (near || root)
        && (policy.selector().isEmpty() || own.name().equals(policy.selector().get(GATEWAY_NAME)));
  }

  private static boolean names(AuthorizationPolicy policy, String kind, String name) {
    return policy.targetRefs().stream()
        .anyMatch(ref -> ref.kind().equals(kind) && ref.name().equals(name));
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz;

import dev.culvert.policy.authz.CompiledAuthorization.Action;
import java.util.List;

/** The policies of one scope, the mesh or one namespace, sorted by when they are asked. */
final class ScopedPolicies {
  static final ScopedPolicies NONE = new ScopedPolicies(List.of());

  private final OrderedPolicies deny;
  private final OrderedPolicies allow;
  private final List<CompiledAuthorization> dryRun;

  ScopedPolicies(List<CompiledAuthorization> policies) {
    deny = enforced(policies, Action.DENY);
    allow = enforced(policies, Action.ALLOW);
    dryRun = policies.stream().filter(CompiledAuthorization::dryRun).toList();
  }

  private static OrderedPolicies enforced(List<CompiledAuthorization> policies, Action action) {
    return new OrderedPolicies(
        policies.stream().filter(policy -> !policy.dryRun() && policy.action() == action).toList());
  }

  OrderedPolicies deny() {
    return deny;
  }

  OrderedPolicies allow() {
    return allow;
  }

  List<CompiledAuthorization> dryRun() {
    return dryRun;
  }
}

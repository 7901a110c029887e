// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz;

import dev.culvert.policy.authz.CompiledAuthorization.Action;
import java.util.List;

/** The policies that apply to every workload of one namespace, sorted by when they are asked. */
final class ScopedPolicies {
  private final CompiledAuthorization[] deny;
  private final CompiledAuthorization[] allow;
  private final CompiledAuthorization[] dryRun;

  ScopedPolicies(List<CompiledAuthorization> policies) {
    deny = enforced(policies, Action.DENY);
    allow = enforced(policies, Action.ALLOW);
    dryRun =
        policies.stream()
            .filter(CompiledAuthorization::dryRun)
            .toArray(CompiledAuthorization[]::new);
  }

  private static CompiledAuthorization[] enforced(
      List<CompiledAuthorization> policies, Action action) {
    return policies.stream()
        .filter(policy -> !policy.dryRun() && policy.action() == action)
        .toArray(CompiledAuthorization[]::new);
  }

  CompiledAuthorization[] deny() {
    return deny;
  }

  CompiledAuthorization[] allow() {
    return allow;
  }

  CompiledAuthorization[] dryRun() {
    return dryRun;
  }
}

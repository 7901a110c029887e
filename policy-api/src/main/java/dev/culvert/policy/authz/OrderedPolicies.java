// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz;

import java.util.List;

/** Policies of which the first that matches counts; found by the rules of all of them together. */
final class OrderedPolicies {
  private final boolean empty;
  private final RuleIndex index;

  /** The policy of each rule. */
  private final CompiledAuthorization[] owners;

  OrderedPolicies(List<CompiledAuthorization> policies) {
    empty = policies.isEmpty();
    index = new RuleIndex(policies.stream().flatMap(policy -> policy.rules().stream()).toList());
    owners =
        policies.stream()
            .flatMap(policy -> policy.rules().stream().map(rule -> policy))
            .toArray(CompiledAuthorization[]::new);
  }

  /** The first policy that matches, or null. */
  CompiledAuthorization first(ConnectionFacts facts) {
    int rule = index.first(facts);
    return rule == RuleIndex.NONE ? null : owners[rule];
  }

  /** Whether there is no policy at all; one without rules is a policy. */
  boolean isEmpty() {
    return empty;
  }
}

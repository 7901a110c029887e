// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz;

import dev.culvert.policy.authz.Verdict.Reason;
import dev.culvert.policy.wire.security.Authorization;
import dev.culvert.policy.wire.security.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A policy made for matching, with the verdicts that it can cause ready to hand out. */
public final class CompiledAuthorization {
  /** Which workloads a policy applies to. */
  public enum Scope {
    /** Every workload of the mesh. */
    GLOBAL,
    /** The workloads of the policy's namespace. */
    NAMESPACE,
    /** The workloads that name it. */
    WORKLOAD_SELECTOR
  }

  /** What a match leads to. */
  public enum Action {
    /** A match allows, and no match among all ALLOW policies denies. */
    ALLOW,
    /** A match denies, before any ALLOW is looked at. */
    DENY
  }

  private final PolicyKey key;
  private final Scope scope;
  private final Action action;
  private final boolean dryRun;
  private final List<CompiledRule> rules;
  private final RuleIndex index;
  private final Verdict verdict;

  private CompiledAuthorization(
      PolicyKey key,
      Scope scope,
      Action action,
      boolean dryRun,
      List<CompiledRule> rules,
      Reason denial) {
    this.key = key;
    this.scope = scope;
    this.action = action;
    this.dryRun = dryRun;
    this.rules = rules;
    this.index = new RuleIndex(rules);
    this.verdict =
        action == Action.ALLOW
            ? new Verdict.Allow(Optional.of(key))
            : new Verdict.Deny(Optional.of(key), denial);
  }

  /**
   * Checks and compiles a policy.
   *
   * @throws InvalidPolicyException when the policy cannot be held to, naming policy, field, remedy
   */
  public static CompiledAuthorization compile(Authorization wire) {
    PolicyKey key = new PolicyKey(wire.getNamespace(), wire.getName());
    Scope scope = scope(key, wire);
    checkName(key, scope);
    List<CompiledRule> rules = new ArrayList<>(wire.getRulesCount());
    for (int i = 0; i < wire.getRulesCount(); i++) {
      rules.add(CompiledRule.compile(key, "rules[%d]".formatted(i), wire.getRules(i)));
    }
    return new CompiledAuthorization(
        key, scope, action(key, wire), wire.getDryRun(), rules, Reason.DENY_MATCHED);
  }

  /**
   * What stands for a policy that cannot be held to: it denies everything to what the policy is
   * for, because nobody knows what it would have denied.
   */
  public static CompiledAuthorization refusing(PolicyKey key, Scope scope) {
    CompiledRule any = CompiledRule.compile(key, "rules[0]", Rule.getDefaultInstance());
    return new CompiledAuthorization(key, scope, Action.DENY, false, List.of(any), Reason.UNUSABLE);
  }

  private static void checkName(PolicyKey key, Scope scope) {
    if (key.name().isEmpty()) {
      throw new InvalidPolicyException(key, "name", "it is empty", "give the policy a name");
    }
    if (key.namespace().isEmpty() && scope != Scope.GLOBAL) {
      throw new InvalidPolicyException(
          key, "namespace", "it is empty", "only a policy of scope GLOBAL may go without");
    }
  }

  private static Scope scope(PolicyKey key, Authorization wire) {
    return switch (wire.getScope()) {
      case GLOBAL -> Scope.GLOBAL;
      case NAMESPACE -> Scope.NAMESPACE;
      case WORKLOAD_SELECTOR -> Scope.WORKLOAD_SELECTOR;
      case UNRECOGNIZED ->
          throw unknown(key, "scope", wire.getScopeValue(), "GLOBAL, NAMESPACE, WORKLOAD_SELECTOR");
    };
  }

  private static Action action(PolicyKey key, Authorization wire) {
    return switch (wire.getAction()) {
      case ALLOW -> Action.ALLOW;
      case DENY -> Action.DENY;
      case UNRECOGNIZED -> throw unknown(key, "action", wire.getActionValue(), "ALLOW or DENY");
    };
  }

  private static InvalidPolicyException unknown(
      PolicyKey key, String field, int number, String known) {
    return new InvalidPolicyException(
        key, field, "value " + number + " is not known", "update this proxy or use " + known);
  }

  /** Whether one of the rules matches; a policy without rules never does. */
  public boolean matches(ConnectionFacts facts) {
    return index.first(facts) != RuleIndex.NONE;
  }

  /** The rules, in their order. */
  List<CompiledRule> rules() {
    return rules;
  }

  /** The name. */
  public PolicyKey key() {
    return key;
  }

  /** Which workloads it applies to. */
  public Scope scope() {
    return scope;
  }

  /** What a match leads to. */
  public Action action() {
    return action;
  }

  /** Whether it is only reported, never enforced. */
  public boolean dryRun() {
    return dryRun;
  }

  /** What a match leads to, with this policy as the one that decided. */
  Verdict verdict() {
    return verdict;
  }

  @Override
  public String toString() {
    return "%s %s (%s)%s".formatted(action, key, scope, dryRun ? " dry-run" : "");
  }
}

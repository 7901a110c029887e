// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz;

import static java.util.function.Function.identity;
import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toMap;

import dev.culvert.policy.authz.CompiledAuthorization.Action;
import dev.culvert.policy.authz.CompiledAuthorization.Scope;
import dev.culvert.policy.authz.Verdict.Reason;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All policies a proxy knows, by what they apply to: a decision looks only at policies of the mesh,
 * of the workload's namespace, and of the workload itself. Immutable and safe from any thread.
 */
public final class PolicyIndex {
  private static final PolicyIndex EMPTY = new PolicyIndex(List.of());
  private static final Verdict NO_POLICY = new Verdict.Allow(Optional.empty());
  private static final Verdict NO_ALLOW_MATCHED =
      new Verdict.Deny(Optional.empty(), Reason.NO_ALLOW_MATCHED);

  private final Map<PolicyKey, CompiledAuthorization> byKey;
  private final Map<String, ScopedPolicies> byNamespace = new HashMap<>();
  private final ScopedPolicies global;
  private final boolean anyDryRun;

  private PolicyIndex(Collection<CompiledAuthorization> policies) {
    byKey = policies.stream().collect(toMap(CompiledAuthorization::key, identity()));
    anyDryRun = policies.stream().anyMatch(CompiledAuthorization::dryRun);
    global =
        new ScopedPolicies(
            policies.stream().filter(policy -> policy.scope() == Scope.GLOBAL).toList());
    policies.stream()
        .filter(policy -> policy.scope() == Scope.NAMESPACE)
        .collect(groupingBy(policy -> policy.key().namespace()))
        .forEach((namespace, own) -> byNamespace.put(namespace, new ScopedPolicies(own)));
  }

  /** The index of no policies: everything is allowed that names none. */
  public static PolicyIndex empty() {
    return EMPTY;
  }

  /**
   * Indexes the policies.
   *
   * @throws IllegalStateException when two have the same key
   */
  public static PolicyIndex of(Collection<CompiledAuthorization> policies) {
    return policies.isEmpty() ? EMPTY : new PolicyIndex(policies);
  }

  /**
   * Judges a connection: any DENY that matches denies; a selected policy that is not here denies,
   * because nobody knows what it would say; no ALLOW policy allows; any ALLOW that matches allows;
   * else deny.
   *
   * @param workloadNamespace the namespace of the destination
   * @param selected the policies named on the destination
   */
  public Verdict decide(String workloadNamespace, List<PolicyKey> selected, ConnectionFacts facts) {
    ScopedPolicies scoped = byNamespace.getOrDefault(workloadNamespace, ScopedPolicies.NONE);
    CompiledAuthorization deny = scoped.deny().first(facts);
    if (deny == null) {
      deny = global.deny().first(facts);
    }
    if (deny == null) {
      deny = firstSelected(selected, Action.DENY, facts);
    }
    if (deny != null) {
      return deny.verdict();
    }
    PolicyKey missing = firstMissing(selected);
    if (missing != null) {
      return new Verdict.Deny(Optional.of(missing), Reason.MISSING);
    }
    return decideAllow(scoped, selected, facts);
  }

  private Verdict decideAllow(
      ScopedPolicies scoped, List<PolicyKey> selected, ConnectionFacts facts) {
    CompiledAuthorization allow = scoped.allow().first(facts);
    if (allow == null) {
      allow = global.allow().first(facts);
    }
    if (allow == null) {
      allow = firstSelected(selected, Action.ALLOW, facts);
    }
    if (allow != null) {
      return allow.verdict();
    }
    boolean noneApplies = scoped.allow().isEmpty() && global.allow().isEmpty();
    boolean mustMatch = !noneApplies || anySelectedAllow(selected);
    return mustMatch ? NO_ALLOW_MATCHED : NO_POLICY;
  }

  /**
   * What the verdict would be if the policies in dry-run that apply here were in force.
   *
   * @param actual what {@link #decide} says
   * @return empty when none applies
   */
  public Optional<Verdict> whatIf(
      Verdict actual, String workloadNamespace, List<PolicyKey> selected, ConnectionFacts facts) {
    if (!anyDryRun) {
      return Optional.empty();
    }
    List<DryRunResult> results = dryRun(workloadNamespace, selected, facts);
    return results.isEmpty() ? Optional.empty() : Optional.of(whatIf(actual, results));
  }

  private static Verdict whatIf(Verdict actual, List<DryRunResult> results) {
    if (actual instanceof Verdict.Deny deny && deny.reason() != Reason.NO_ALLOW_MATCHED) {
      return actual;
    }
    Optional<PolicyKey> denies = firstMatch(results, Action.DENY);
    if (denies.isPresent()) {
      return new Verdict.Deny(denies, Reason.DENY_MATCHED);
    }
    if (actual.policy().isPresent()
        || results.stream().noneMatch(result -> result.action() == Action.ALLOW)) {
      return actual;
    }
    Optional<PolicyKey> allows = firstMatch(results, Action.ALLOW);
    return allows.isPresent() ? new Verdict.Allow(allows) : NO_ALLOW_MATCHED;
  }

  private static Optional<PolicyKey> firstMatch(List<DryRunResult> results, Action action) {
    return results.stream()
        .filter(result -> result.matched() && result.action() == action)
        .map(DryRunResult::policy)
        .findFirst();
  }

  /** What the policies in dry-run that apply here say; they never change a verdict. */
  public List<DryRunResult> dryRun(
      String workloadNamespace, List<PolicyKey> selected, ConnectionFacts facts) {
    ScopedPolicies scoped = byNamespace.getOrDefault(workloadNamespace, ScopedPolicies.NONE);
    List<DryRunResult> results = new ArrayList<>();
    scoped.dryRun().forEach(policy -> results.add(result(policy, facts)));
    global.dryRun().forEach(policy -> results.add(result(policy, facts)));
    for (PolicyKey key : selected) {
      CompiledAuthorization policy = byKey.get(key);
      if (policy != null && policy.dryRun() && policy.scope() == Scope.WORKLOAD_SELECTOR) {
        results.add(result(policy, facts));
      }
    }
    return results;
  }

  /** The policy of that name, if it is known. */
  public Optional<CompiledAuthorization> find(PolicyKey key) {
    return Optional.ofNullable(byKey.get(key));
  }

  /** How many policies are known. */
  public int size() {
    return byKey.size();
  }

  private static DryRunResult result(CompiledAuthorization policy, ConnectionFacts facts) {
    return new DryRunResult(policy.key(), policy.action(), policy.matches(facts));
  }

  /** By index: an iterator would be garbage for every connection. */
  private CompiledAuthorization firstSelected(
      List<PolicyKey> selected, Action action, ConnectionFacts facts) {
    for (int i = 0; i < selected.size(); i++) {
      CompiledAuthorization policy = byKey.get(selected.get(i));
      if (isEnforced(policy, action) && policy.matches(facts)) {
        return policy;
      }
    }
    return null;
  }

  private boolean anySelectedAllow(List<PolicyKey> selected) {
    for (int i = 0; i < selected.size(); i++) {
      if (isEnforced(byKey.get(selected.get(i)), Action.ALLOW)) {
        return true;
      }
    }
    return false;
  }

  private PolicyKey firstMissing(List<PolicyKey> selected) {
    for (int i = 0; i < selected.size(); i++) {
      if (!byKey.containsKey(selected.get(i))) {
        return selected.get(i);
      }
    }
    return null;
  }

  private static boolean isEnforced(CompiledAuthorization policy, Action action) {
    return policy != null && !policy.dryRun() && policy.action() == action;
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz.request;

import dev.culvert.policy.authz.PolicyKey;
import dev.culvert.policy.authz.Verdict;
import dev.culvert.policy.authz.Verdict.Reason;
import dev.culvert.policy.resource.AuthorizationPolicy;
import dev.culvert.policy.resource.AuthorizationPolicy.Action;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The policies of one listener in the order in which they decide: CUSTOM, DENY, ALLOW. Without an
 * ALLOW policy, what none forbids is allowed; with one, only what one of them allows. Immutable.
 *
 * <p>Who is to be asked for CUSTOM policies, {@link #questions} says; {@link #decide} is for what
 * all of them let through.
 */
public final class RequestPolicies {
  /** Of a listener without policies. */
  public static final RequestPolicies NONE = new RequestPolicies(List.of(), true);

  private static final Verdict UNGOVERNED = new Verdict.Allow(Optional.empty());
  private static final Verdict NOBODY_ALLOWS =
      new Verdict.Deny(Optional.empty(), Reason.NO_ALLOW_MATCHED);

  private final Judge[] custom;
  private final Judge[] deny;
  private final Judge[] allow;
  private final Judge[] watching;

  /** A policy: its rules, and what follows from a match. */
  private record Judge(AuthorizationPolicy policy, Check rules, Verdict verdict) {
    static Judge of(AuthorizationPolicy policy) {
      RuleCompiler compiler =
          new RuleCompiler(policy.metadata().namespace(), policy.action() != Action.ALLOW);
      Check[] rules = policy.rules().stream().map(compiler::compile).toArray(Check[]::new);
      return new Judge(policy, facts -> Check.any(rules, facts), verdict(policy));
    }

    private static Verdict verdict(AuthorizationPolicy policy) {
      Optional<PolicyKey> key = Optional.of(key(policy));
      return switch (policy.action()) {
        case ALLOW, AUDIT -> new Verdict.Allow(key);
        case DENY -> new Verdict.Deny(key, Reason.DENY_MATCHED);
        case CUSTOM -> new Verdict.Deny(key, Reason.UNUSABLE);
      };
    }

    private static PolicyKey key(AuthorizationPolicy policy) {
      return new PolicyKey(policy.metadata().namespace(), policy.metadata().name());
    }

    Question question() {
      return new Question(key(policy), policy.provider().orElse(""));
    }

    boolean matches(RequestFacts facts) {
      return rules.holds(facts);
    }
  }

  /**
   * @param asks whether providers can be asked; else what they would be asked about is denied
   */
  private RequestPolicies(Collection<AuthorizationPolicy> policies, boolean asks) {
    Judge[] asking = judges(policies, Action.CUSTOM);
    Judge[] denying = judges(policies, Action.DENY);
    custom = asks ? asking : new Judge[0];
    deny =
        asks
            ? denying
            : Stream.concat(Arrays.stream(asking), Arrays.stream(denying)).toArray(Judge[]::new);
    allow = judges(policies, Action.ALLOW);
    watching =
        policies.stream()
            .filter(policy -> policy.dryRun() || policy.action() == Action.AUDIT)
            .map(Judge::of)
            .toArray(Judge[]::new);
  }

  /** Compiles them; in which order they come does not matter to what they decide. */
  public static RequestPolicies of(Collection<AuthorizationPolicy> policies) {
    return policies.isEmpty() ? NONE : new RequestPolicies(policies, true);
  }

  /**
   * The same for connections that nobody looks into, so that no provider is asked: an ALLOW rule
   * with a field that only requests have never matches, a DENY or CUSTOM rule without that field.
   */
  public static RequestPolicies ofConnections(Collection<AuthorizationPolicy> policies) {
    return policies.isEmpty()
        ? NONE
        : new RequestPolicies(policies.stream().map(ConnectionRules::of).toList(), false);
  }

  private static Judge[] judges(Collection<AuthorizationPolicy> policies, Action action) {
    return policies.stream()
        .filter(policy -> !policy.dryRun() && policy.action() == action)
        .map(Judge::of)
        .toArray(Judge[]::new);
  }

  /** Whether there is nothing to ask. */
  public boolean isEmpty() {
    return custom.length + deny.length + allow.length + watching.length == 0;
  }

  /** Whether some of them ask a provider. */
  public boolean asks() {
    return custom.length > 0;
  }

  /** Who is to be asked about a request; each provider once, and all of them must let it go on. */
  public List<Question> questions(RequestFacts facts) {
    List<Question> questions = new ArrayList<>(1);
    for (Judge judge : custom) {
      if (judge.matches(facts)) {
        Question asked = judge.question();
        if (questions.stream().noneMatch(one -> one.provider().equals(asked.provider()))) {
          questions.add(asked);
        }
      }
    }
    return questions;
  }

  /** What they say of a request that no provider refused. */
  public Verdict decide(RequestFacts facts) {
    Judge found = first(deny, facts);
    if (found == null && allow.length == 0) {
      return UNGOVERNED;
    }
    if (found == null) {
      found = first(allow, facts);
    }
    return found == null ? NOBODY_ALLOWS : found.verdict;
  }

  private static @Nullable Judge first(Judge[] judges, RequestFacts facts) {
    for (Judge judge : judges) {
      if (judge.matches(facts)) {
        return judge;
      }
    }
    return null;
  }

  /** Tells of each policy in dry-run, and of each AUDIT policy, that matches a request. */
  public void watch(RequestFacts facts, Consumer<AuthorizationPolicy> matched) {
    for (Judge judge : watching) {
      if (judge.matches(facts)) {
        matched.accept(judge.policy);
      }
    }
  }
}

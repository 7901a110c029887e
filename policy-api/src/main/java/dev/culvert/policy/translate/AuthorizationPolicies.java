// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.translate;

import dev.culvert.policy.authz.PolicyKey;
import dev.culvert.policy.resource.AuthorizationPolicy;
import dev.culvert.policy.resource.TargetRef;
import dev.culvert.policy.translate.TranslationNotice.Effect;
import dev.culvert.policy.wire.security.Action;
import dev.culvert.policy.wire.security.Authorization;
import dev.culvert.policy.wire.security.Rule;
import dev.culvert.policy.wire.security.Scope;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** The AuthorizationPolicies that proxies of pods can hold workloads to. */
final class AuthorizationPolicies {
  private final List<String> rootNamespaces;
  private final Consumer<TranslationNotice> notices;
  private final List<Authorization> authorizations = new ArrayList<>();
  private final Map<String, List<AuthorizationPolicy>> selecting = new HashMap<>();

  AuthorizationPolicies(
      List<AuthorizationPolicy> policies,
      List<String> rootNamespaces,
      Consumer<TranslationNotice> notices) {
    this.rootNamespaces = rootNamespaces;
    this.notices = notices;
    policies.forEach(this::add);
  }

  List<Authorization> authorizations() {
    return authorizations;
  }

  /** A selector in a root namespace picks workloads of every namespace. */
  Stream<PolicyKey> selected(String namespace, Map<String, String> labels) {
    return Stream.concat(Stream.of(namespace), rootNamespaces.stream())
        .distinct()
        .flatMap(home -> selecting.getOrDefault(home, List.of()).stream())
        .filter(policy -> labels.entrySet().containsAll(policy.selector().entrySet()))
        .map(AuthorizationPolicies::key);
  }

  private void add(AuthorizationPolicy policy) {
    switch (policy.action()) {
      case ALLOW, DENY -> addSupported(policy);
      case AUDIT, CUSTOM ->
          notice(
              policy,
              policy.targetRefs().isEmpty() ? Effect.NOTHING : Effect.ELSEWHERE,
              "action %s has no effect in proxies of pods; attach it to a waypoint by targetRefs"
                  .formatted(policy.action()));
    }
  }

  private void addSupported(AuthorizationPolicy policy) {
    if (!policy.targetRefs().isEmpty()) {
      String targets =
          policy.targetRefs().stream().map(this::name).collect(Collectors.joining(", "));
      notice(
          policy,
          Effect.ELSEWHERE,
          "it is attached to %s: only a waypoint enforces it".formatted(targets));
      return;
    }
    if (policy.rules().isEmpty() && policy.action() == AuthorizationPolicy.Action.DENY) {
      notice(
          policy,
          Effect.NOTHING,
          "a DENY without rules never matches and has no effect; add a rule");
    }
    addTranslated(policy);
  }

  /** ALLOW without rules is kept, as it denies everything. DENY without rules says nothing. */
  private void addTranslated(AuthorizationPolicy policy) {
    List<Rule> rules =
        new RuleTranslator(policy, text -> notice(policy, Effect.PART, text)).rules();
    if (rules.isEmpty() && policy.action() == AuthorizationPolicy.Action.DENY) {
      return;
    }
    Scope scope = scope(policy);
    if (scope == Scope.WORKLOAD_SELECTOR) {
      String home = policy.metadata().namespace();
      selecting.computeIfAbsent(home, _ -> new ArrayList<>()).add(policy);
    }
    authorizations.add(
        Authorization.newBuilder()
            .setName(policy.metadata().name())
            .setNamespace(policy.metadata().namespace())
            .setScope(scope)
            .setAction(Action.valueOf(policy.action().name()))
            .setDryRun(policy.dryRun())
            .addAllRules(rules)
            .build());
  }

  private Scope scope(AuthorizationPolicy policy) {
    if (!policy.selector().isEmpty()) {
      return Scope.WORKLOAD_SELECTOR;
    }
    return rootNamespaces.contains(policy.metadata().namespace()) ? Scope.GLOBAL : Scope.NAMESPACE;
  }

  private String name(TargetRef target) {
    return target.kind() + " " + target.name();
  }

  private static PolicyKey key(AuthorizationPolicy policy) {
    return new PolicyKey(policy.metadata().namespace(), policy.metadata().name());
  }

  private void notice(AuthorizationPolicy policy, Effect effect, String text) {
    notices.accept(new TranslationNotice(policy.key(), effect, text));
  }
}

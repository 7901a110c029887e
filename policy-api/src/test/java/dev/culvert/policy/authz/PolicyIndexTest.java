// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz;

import static dev.culvert.policy.authz.Connections.peer;
import static dev.culvert.policy.authz.Connections.plaintext;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.culvert.policy.authz.CompiledAuthorization.Action;
import dev.culvert.policy.authz.CompiledAuthorization.Scope;
import dev.culvert.policy.authz.Verdict.Allow;
import dev.culvert.policy.authz.Verdict.Deny;
import dev.culvert.policy.authz.Verdict.Reason;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class PolicyIndexTest {
  private static final String ALL = "rules {}";
  private static final String WEB_ONLY =
      "rules { clauses { matches { principals { exact: 'cluster.local/ns/shop/sa/web' } } } }";
  private static final ConnectionFacts WEB = peer("cluster.local/ns/shop/sa/web");
  private static final ConnectionFacts DB = peer("cluster.local/ns/shop/sa/db");
  private static final Verdict NO_ALLOW = new Deny(Optional.empty(), Reason.NO_ALLOW_MATCHED);

  @Test
  void noPolicyAllows() {
    assertThat(PolicyIndex.empty().decide("shop", List.of(), plaintext()))
        .isEqualTo(new Allow(Optional.empty()))
        .returns(true, Verdict::isAllowed);
  }

  @Test
  void allowPolicyThatMatchesAllows() {
    PolicyIndex index = index(selector("shop/a", "action: ALLOW " + WEB_ONLY));

    assertThat(decide(index, WEB, "shop/a")).isEqualTo(allowedBy("shop/a"));
  }

  @Test
  void someAllowButNoneMatchingDenies() {
    PolicyIndex index = index(selector("shop/a", "action: ALLOW " + WEB_ONLY));

    assertThat(decide(index, DB, "shop/a")).isEqualTo(NO_ALLOW).returns(false, Verdict::isAllowed);
  }

  @Test
  void allowWithoutRulesDeniesAll() {
    PolicyIndex index = index(selector("shop/a", "action: ALLOW"));

    assertThat(decide(index, WEB, "shop/a")).isEqualTo(NO_ALLOW);
  }

  @Test
  void denyWithoutRulesDeniesNothing() {
    PolicyIndex index = index(selector("shop/d", "action: DENY"));

    assertThat(decide(index, WEB, "shop/d")).isEqualTo(new Allow(Optional.empty()));
  }

  @Test
  void denyComesBeforeAllow() {
    PolicyIndex index =
        index(
            selector("shop/a", "action: ALLOW " + ALL),
            selector("shop/d", "action: DENY " + WEB_ONLY));

    assertThat(decide(index, WEB, "shop/a", "shop/d")).isEqualTo(deniedBy("shop/d"));
    assertThat(decide(index, DB, "shop/a", "shop/d")).isEqualTo(allowedBy("shop/a"));
  }

  @Test
  void denyOfTheMeshComesBeforeAllowOfTheWorkload() {
    PolicyIndex index =
        index(
            global("culvert-system/d", "action: DENY " + ALL),
            selector("shop/a", "action: ALLOW " + ALL));

    assertThat(decide(index, WEB, "shop/a")).isEqualTo(deniedBy("culvert-system/d"));
  }

  @Test
  void anyAllowInAnyScopeIsEnough() {
    PolicyIndex index =
        index(
            global("culvert-system/a", "action: ALLOW"),
            namespaced("shop/a", "action: ALLOW"),
            selector("shop/web", "action: ALLOW " + WEB_ONLY));

    assertThat(decide(index, WEB, "shop/web")).isEqualTo(allowedBy("shop/web"));
    assertThat(decide(index, DB, "shop/web")).isEqualTo(NO_ALLOW);
  }

  @Test
  void globalPolicyAppliesToEveryNamespace() {
    PolicyIndex index =
        index(
            global("culvert-system/d", "action: DENY " + ALL),
            namespaced("shop/a", "action: ALLOW " + ALL));

    assertThat(index.decide("shop", List.of(), WEB)).isEqualTo(deniedBy("culvert-system/d"));
    assertThat(index.decide("bank", List.of(), WEB)).isEqualTo(deniedBy("culvert-system/d"));
  }

  @Test
  void namespacePolicyAppliesToItsOwnNamespaceOnly() {
    PolicyIndex index = index(namespaced("shop/d", "action: DENY " + ALL));

    assertThat(index.decide("shop", List.of(), WEB)).isEqualTo(deniedBy("shop/d"));
    assertThat(index.decide("bank", List.of(), WEB)).isEqualTo(new Allow(Optional.empty()));
  }

  @Test
  void selectorPolicyAppliesOnlyWhereItIsNamed() {
    PolicyIndex index = index(selector("shop/d", "action: DENY " + ALL));

    assertThat(decide(index, WEB)).isEqualTo(new Allow(Optional.empty()));
    assertThat(decide(index, WEB, "shop/d")).isEqualTo(deniedBy("shop/d"));
  }

  @Test
  void selectedPolicyThatIsMissingFailsClosed() {
    PolicyIndex index = index(selector("shop/a", "action: ALLOW " + ALL));

    assertThat(decide(index, WEB, "shop/a", "shop/late"))
        .isEqualTo(new Deny(Optional.of(PolicyKey.parse("shop/late")), Reason.MISSING));
    assertThat(decide(PolicyIndex.empty(), WEB, "shop/late"))
        .isEqualTo(new Deny(Optional.of(PolicyKey.parse("shop/late")), Reason.MISSING));
  }

  @Test
  void denyThatIsKnownIsNamedBeforeOneThatIsMissing() {
    PolicyIndex index = index(namespaced("shop/d", "action: DENY " + ALL));

    assertThat(decide(index, WEB, "shop/late")).isEqualTo(deniedBy("shop/d"));
  }

  @Test
  void dryRunIsReportedAndNeverEnforced() {
    PolicyIndex index =
        index(
            namespaced("shop/d", "action: DENY dry_run: true " + ALL),
            selector("shop/a", "action: ALLOW dry_run: true " + WEB_ONLY),
            selector("shop/unselected", "action: DENY dry_run: true " + ALL));

    assertThat(decide(index, DB, "shop/a")).isEqualTo(new Allow(Optional.empty()));
    assertThat(index.dryRun("shop", keys("shop/a", "shop/late"), DB))
        .containsExactly(
            new DryRunResult(PolicyKey.parse("shop/d"), Action.DENY, true),
            new DryRunResult(PolicyKey.parse("shop/a"), Action.ALLOW, false));
    assertThat(index.dryRun("bank", List.of(), DB)).isEmpty();
  }

  @Test
  void dryRunTellsWhatWouldBe() {
    String dryRun = "dry_run: true ";
    PolicyIndex deny = index(namespaced("shop/d", dryRun + "action: DENY " + WEB_ONLY));
    assertThat(whatIf(deny, WEB)).contains(deniedBy("shop/d"));
    assertThat(whatIf(deny, DB)).contains(new Allow(Optional.empty()));
    PolicyIndex allow = index(namespaced("shop/a", dryRun + "action: ALLOW " + WEB_ONLY));
    assertThat(whatIf(allow, WEB)).contains(allowedBy("shop/a"));
    assertThat(whatIf(allow, DB)).contains(NO_ALLOW);
    PolicyIndex both =
        index(
            namespaced("shop/a", dryRun + "action: ALLOW " + ALL),
            namespaced("shop/b", "action: ALLOW " + WEB_ONLY));
    assertThat(whatIf(both, WEB)).contains(allowedBy("shop/b"));
    assertThat(whatIf(both, DB)).contains(allowedBy("shop/a"));
    PolicyIndex denied =
        index(
            namespaced("shop/a", dryRun + "action: ALLOW " + ALL),
            namespaced("shop/d", "action: DENY " + WEB_ONLY));
    assertThat(whatIf(denied, WEB)).contains(deniedBy("shop/d"));
  }

  @Test
  void withoutDryRunThereIsNoWhatIf() {
    assertThat(whatIf(index(namespaced("shop/d", "action: DENY " + ALL)), WEB)).isEmpty();
    PolicyIndex elsewhere = index(namespaced("bank/d", "dry_run: true action: DENY " + ALL));
    assertThat(whatIf(elsewhere, WEB)).isEmpty();
  }

  @Test
  void unusablePolicyRefusesWhatItIsFor() {
    PolicyKey key = PolicyKey.parse("shop/odd");
    Verdict refused = new Deny(Optional.of(key), Reason.UNUSABLE);
    PolicyIndex namespaced = index(CompiledAuthorization.refusing(key, Scope.NAMESPACE));
    assertThat(decide(namespaced, WEB)).isEqualTo(refused);
    assertThat(namespaced.decide("bank", List.of(), WEB).isAllowed()).isTrue();
    PolicyIndex global = index(CompiledAuthorization.refusing(key, Scope.GLOBAL));
    assertThat(global.decide("bank", List.of(), WEB)).isEqualTo(refused);
    PolicyIndex named = index(CompiledAuthorization.refusing(key, Scope.WORKLOAD_SELECTOR));
    assertThat(decide(named, WEB, "shop/odd")).isEqualTo(refused);
    assertThat(decide(named, WEB).isAllowed()).isTrue();
  }

  @Test
  void policiesOfOtherNamespacesAreNotLookedAt() {
    List<CompiledAuthorization> policies = new ArrayList<>();
    for (int i = 0; i < 10_000; i++) {
      policies.add(namespaced("other%d/d".formatted(i), "action: DENY " + ALL));
    }
    policies.add(namespaced("shop/a", "action: ALLOW " + WEB_ONLY));
    PolicyIndex index = PolicyIndex.of(policies);

    assertThat(index.size()).isEqualTo(10_001);
    assertThat(index.decide("shop", List.of(), WEB)).isEqualTo(allowedBy("shop/a"));
    assertThat(index.find(PolicyKey.parse("other7/d"))).isPresent();
    assertThat(index.find(PolicyKey.parse("other7/e"))).isEmpty();
  }

  @Test
  void verdictsOfKnownPoliciesAreNotEvenAllocated() {
    PolicyIndex index =
        index(
            namespaced("shop/d", "action: DENY " + WEB_ONLY),
            selector("shop/a", "action: ALLOW " + ALL));

    assertThat(decide(index, WEB, "shop/a")).isSameAs(decide(index, WEB, "shop/a"));
    assertThat(decide(index, DB, "shop/a")).isSameAs(decide(index, DB, "shop/a"));
  }

  @Test
  void twoPoliciesOfOneNameAreAMistakeOfTheCaller() {
    assertThatThrownBy(() -> index(selector("shop/a", ""), namespaced("shop/a", "")))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("shop/a");
  }

  @Test
  void reasonsReadAsWords() {
    assertThat(Reason.NO_ALLOW_MATCHED).hasToString("no ALLOW policy matched");
    assertThat(Reason.MISSING.toString()).contains("not received yet");
  }

  private static PolicyIndex index(CompiledAuthorization... policies) {
    return PolicyIndex.of(Arrays.asList(policies));
  }

  private static Verdict decide(PolicyIndex index, ConnectionFacts facts, String... selected) {
    return index.decide("shop", keys(selected), facts);
  }

  private static Optional<Verdict> whatIf(PolicyIndex index, ConnectionFacts facts) {
    return index.whatIf(decide(index, facts), "shop", List.of(), facts);
  }

  private static List<PolicyKey> keys(String... selected) {
    return Arrays.stream(selected).map(PolicyKey::parse).toList();
  }

  private static Verdict allowedBy(String key) {
    return new Allow(Optional.of(PolicyKey.parse(key)));
  }

  private static Verdict deniedBy(String key) {
    return new Deny(Optional.of(PolicyKey.parse(key)), Reason.DENY_MATCHED);
  }

  private static CompiledAuthorization global(String key, String text) {
    return scoped(key, "GLOBAL", text);
  }

  private static CompiledAuthorization namespaced(String key, String text) {
    return scoped(key, "NAMESPACE", text);
  }

  private static CompiledAuthorization selector(String key, String text) {
    return scoped(key, "WORKLOAD_SELECTOR", text);
  }

  private static CompiledAuthorization scoped(String key, String scope, String text) {
    PolicyKey parsed = PolicyKey.parse(key);
    String start =
        "name: '%s' namespace: '%s' scope: %s ".formatted(parsed.name(), parsed.namespace(), scope);
    return CompiledAuthorization.compile(Policies.wire(start + text));
  }
}

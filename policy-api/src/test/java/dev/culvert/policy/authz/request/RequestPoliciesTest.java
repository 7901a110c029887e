// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz.request;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import dev.culvert.policy.authz.Verdict;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The order in which policies decide. */
final class RequestPoliciesTest extends RequestPolicyCase {
  @Test
  void withoutPolicyEverythingIsAllowed() {
    assertThat(RequestPolicies.NONE.decide(REQUEST).isAllowed()).isTrue();
    assertThat(RequestPolicies.NONE.isEmpty()).isTrue();
  }

  @Test
  void allowPolicyThatMatchesNothingDeniesEverything() {
    Verdict verdict = decide(REQUEST, "action: ALLOW");
    assertThat(verdict.isAllowed()).isFalse();
    assertThat(verdict.policy()).isEmpty();
  }

  @Test
  void denyWinsOverAllowWhateverTheirOrder() {
    Verdict verdict = decide(REQUEST, "rules: [{}]", "action: DENY, rules: [{}]");
    assertThat(verdict.isAllowed()).isFalse();
    assertThat(verdict.policy()).hasToString("Optional[shop/p1]");
  }

  @Test
  void providersOfCustomAreAskedOnceEach() {
    String custom = "action: CUSTOM, provider: {name: %s}, rules: [%s]";
    RequestPolicies policies =
        RequestPolicies.of(
            read(
                custom.formatted("opa", to("paths: ['/cart/*']")),
                custom.formatted("opa", "{}"),
                custom.formatted("other", "{}"),
                custom.formatted("third", to("paths: ['/other']"))));
    assertThat(policies.asks()).isTrue();
    assertThat(policies.questions(REQUEST))
        .extracting(Question::provider, one -> one.policy().toString())
        .containsExactly(tuple("opa", "shop/p0"), tuple("other", "shop/p2"));
    assertThat(policies.decide(REQUEST).isAllowed()).as("what they let through").isTrue();
  }

  @Test
  void allowNamesThePolicyThatDecided() {
    assertThat(decide(REQUEST, "rules: [%s]".formatted(to("methods: [GET]"))).policy())
        .hasToString("Optional[shop/p0]");
  }

  @Test
  void auditOnlyWatches() {
    RequestPolicies policies = RequestPolicies.of(read("action: AUDIT, rules: [{}]"));
    List<String> seen = new ArrayList<>();
    policies.watch(REQUEST, policy -> seen.add(policy.metadata().name()));
    assertThat(seen).containsExactly("p0");
    assertThat(policies.decide(REQUEST).isAllowed()).isTrue();
    assertThat(policies.isEmpty()).isFalse();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.authz.Verdict;
import dev.culvert.policy.resource.AuthorizationPolicy;
import dev.culvert.policy.resource.ResourceFiles;
import java.util.List;
import java.util.Map;

/** Policies of one rule or several, and what they decide on facts. */
abstract class RequestPolicyCase {
  static final TestFacts REQUEST = TestFacts.get("/cart/7");

  static List<AuthorizationPolicy> read(String... policies) {
    StringBuilder yaml = new StringBuilder();
    for (int i = 0; i < policies.length; i++) {
      yaml.append(
          """
          ---
          apiVersion: security.istio.io/v1
          kind: AuthorizationPolicy
          metadata: {name: p%d, namespace: shop}
          spec: {%s}
          """
              .formatted(i, policies[i]));
    }
    ResourceFiles files = ResourceFiles.empty().with(Map.of("p.yaml", yaml.toString()));
    assertThat(files.errors()).isEmpty();
    return files.resources(AuthorizationPolicy.class).toList();
  }

  static Verdict decide(TestFacts facts, String... policies) {
    return RequestPolicies.of(read(policies)).decide(facts);
  }

  static boolean allows(String rule, TestFacts facts) {
    return decide(facts, "action: ALLOW, rules: [%s]".formatted(rule)).isAllowed();
  }

  static boolean denies(String rule, TestFacts facts) {
    return !decide(facts, "action: DENY, rules: [%s]".formatted(rule)).isAllowed();
  }

  static String from(String fields) {
    return "{from: [{source: {%s}}]}".formatted(fields);
  }

  static String to(String fields) {
    return "{to: [{operation: {%s}}]}".formatted(fields);
  }

  static String when(String key, String values) {
    return "{when: [{key: '%s', %s}]}".formatted(key, values);
  }
}

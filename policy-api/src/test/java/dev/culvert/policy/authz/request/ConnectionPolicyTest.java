// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz.request;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.authz.PolicyKey;
import dev.culvert.policy.authz.Verdict;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Rules of requests where there is only a connection. */
final class ConnectionPolicyTest extends RequestPolicyCase {
  private static boolean letsConnect(String... policies) {
    return RequestPolicies.ofConnections(read(policies)).decide(REQUEST).isAllowed();
  }

  @Test
  void connectionIsAllowedByWhatItHas() {
    assertThat(letsConnect("rules: [%s]".formatted(from("ipBlocks: [198.18.0.1]")))).isTrue();
    assertThat(letsConnect("rules: [%s]".formatted(from("ipBlocks: [198.18.0.2]")))).isFalse();
    assertThat(letsConnect("rules: [%s]".formatted(from("remoteIpBlocks: ['fd00:c01::/32']"))))
        .isTrue();
    assertThat(letsConnect("rules: [%s]".formatted(to("ports: ['8080']")))).isTrue();
    assertThat(letsConnect("rules: [%s]".formatted(to("notPorts: ['8080']")))).isFalse();
    assertThat(
            letsConnect(
                "rules: [%s]".formatted(when("connection.sni", "values: ['*.example.com']"))))
        .isTrue();
  }

  @Test
  void ruleThatAsksForARequestAllowsNoConnection() {
    for (String rule :
        List.of(
            to("methods: [GET], ports: ['8080']"),
            to("notPaths: [/admin]"),
            to("hosts: ['*']"),
            from("notRequestPrincipals: ['*']"),
            when("request.headers[x-user]", "notValues: [eve]"),
            when("request.auth.claims[team]", "values: [shoes]"))) {
      assertThat(letsConnect("rules: [%s]".formatted(rule))).as(rule).isFalse();
      assertThat(letsConnect("rules: [%s, {}]".formatted(rule))).as("beside another").isTrue();
    }
  }

  @Test
  void ruleThatAsksForARequestForbidsConnectionsByItsRest() {
    String deny = "action: DENY, rules: [%s]";
    assertThat(letsConnect(deny.formatted(to("methods: [PUT], ports: ['8080']")))).isFalse();
    assertThat(letsConnect(deny.formatted(to("methods: [PUT], ports: ['81']")))).isTrue();
    assertThat(letsConnect(deny.formatted(to("paths: [/admin]")))).isFalse();
    assertThat(letsConnect(deny.formatted(from("requestPrincipals: ['a/b']")))).isFalse();
    assertThat(letsConnect(deny.formatted(when("request.headers[a]", "values: [b]")))).isFalse();
  }

  @Test
  void connectionsThatAProviderWouldBeAskedAboutAreDenied() {
    String custom = "action: CUSTOM, provider: {name: opa}, rules: [%s]";
    RequestPolicies policies =
        RequestPolicies.ofConnections(read(custom.formatted(to("ports: ['8080']"))));
    assertThat(policies.asks()).isFalse();
    assertThat(policies.decide(REQUEST))
        .isEqualTo(
            new Verdict.Deny(Optional.of(new PolicyKey("shop", "p0")), Verdict.Reason.UNUSABLE));
    assertThat(letsConnect(custom.formatted(to("ports: ['81']")))).isTrue();
  }
}

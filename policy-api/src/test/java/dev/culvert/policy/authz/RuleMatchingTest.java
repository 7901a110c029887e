// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz;

import static dev.culvert.policy.authz.Connections.peer;
import static dev.culvert.policy.authz.Connections.plaintext;
import static dev.culvert.policy.authz.Connections.toPort;
import static dev.culvert.policy.authz.Policies.policy;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RuleMatchingTest {
  private static final ConnectionFacts WEB = peer("cluster.local/ns/shop/sa/web");

  @Test
  void policyWithoutRulesNeverMatches() {
    assertThat(policy("").matches(WEB)).isFalse();
    assertThat(policy("").matches(plaintext())).isFalse();
  }

  @Test
  void ruleWithoutClausesMatchesAll() {
    assertThat(policy("rules {}").matches(WEB)).isTrue();
    assertThat(policy("rules {}").matches(plaintext())).isTrue();
  }

  @Test
  void clauseWithoutMatchesMatchesAll() {
    assertThat(policy("rules { clauses {} }").matches(plaintext())).isTrue();
  }

  @Test
  void emptyMatchMatchesNothing() {
    assertThat(policy("rules { clauses { matches {} } }").matches(WEB)).isFalse();
    assertThat(policy("rules { clauses { matches {} } }").matches(plaintext())).isFalse();
  }

  @Test
  void emptyMatchBesideAnotherTakesNothingFromIt() {
    CompiledAuthorization policy =
        policy("rules { clauses { matches {} matches { destination_ports: 80 } } }");

    assertThat(policy.matches(toPort(80))).isTrue();
    assertThat(policy.matches(toPort(81))).isFalse();
  }

  @Test
  void oneOfTheRulesIsEnough() {
    CompiledAuthorization policy =
        policy(
            """
            rules { clauses { matches { destination_ports: 80 } } }
            rules { clauses { matches { destination_ports: 443 } } }
            """);

    assertThat(policy.matches(toPort(80))).isTrue();
    assertThat(policy.matches(toPort(443))).isTrue();
    assertThat(policy.matches(toPort(8080))).isFalse();
  }

  @Test
  void allClausesOfARuleAreNeeded() {
    CompiledAuthorization policy =
        policy(
            """
            rules {
              clauses { matches { destination_ports: 80 } }
              clauses { matches { principals { exact: "cluster.local/ns/shop/sa/web" } } }
            }
            """);

    assertThat(policy.matches(WEB)).isTrue();
    assertThat(policy.matches(toPort(80))).isFalse();
  }

  @Test
  void oneMatchOfAClauseIsEnough() {
    CompiledAuthorization policy =
        policy(
            """
            rules {
              clauses {
                matches { destination_ports: 443 }
                matches { namespaces { exact: "shop" } }
              }
            }
            """);

    assertThat(policy.matches(WEB)).isTrue();
    assertThat(policy.matches(toPort(443))).isTrue();
    assertThat(policy.matches(toPort(80))).isFalse();
  }

  @Test
  void allFieldsOfAMatchAreNeeded() {
    CompiledAuthorization policy =
        Policies.match("namespaces { exact: 'shop' } destination_ports: 443");

    assertThat(policy.matches(WEB)).isFalse();
    assertThat(policy.matches(toPort(443))).isFalse();
  }
}

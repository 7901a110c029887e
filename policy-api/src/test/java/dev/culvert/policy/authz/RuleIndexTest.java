// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz;

import static dev.culvert.policy.authz.Connections.peer;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.wire.security.Authorization;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Found by what rules need, policies say what they say when all are asked in their order. */
class RuleIndexTest {
  private static final int WORLDS = 3_000;
  private static final int CONNECTIONS = 20;

  private enum Seen {
    ALLOWED_BY_POLICY,
    ALLOWED_BY_NONE,
    DENY_MATCHED,
    NO_ALLOW_MATCHED,
    MISSING
  }

  @Test
  void randomPoliciesJudgeAsWhenAllAreAsked() {
    Map<Seen, Integer> seen = new EnumMap<>(Seen.class);
    for (int world = 0; world < WORLDS; world++) {
      RandomPolicies random = new RandomPolicies(world);
      List<Authorization> wires = random.policies();
      PolicyIndex index =
          PolicyIndex.of(wires.stream().map(CompiledAuthorization::compile).toList());
      PlainEvaluation plain = new PlainEvaluation(wires);
      for (int i = 0; i < CONNECTIONS; i++) {
        String namespace = random.namespace();
        List<PolicyKey> selected = random.selected();
        ConnectionFacts facts = random.connection();
        Verdict verdict = index.decide(namespace, selected, facts);
        assertThat(verdict)
            .as("world %d: %s to %s with %s", world, facts, namespace, selected)
            .isEqualTo(plain.decide(namespace, selected, facts));
        seen.merge(seen(verdict), 1, Integer::sum);
      }
    }
    assertThat(seen.values()).hasSize(Seen.values().length).allMatch(times -> times > 100);
  }

  @Test
  void randomDryRunsSayWhatTheyMatch() {
    for (int world = 0; world < WORLDS / 10; world++) {
      RandomPolicies random = new RandomPolicies(world);
      List<Authorization> wires = random.policies();
      PolicyIndex index =
          PolicyIndex.of(wires.stream().map(CompiledAuthorization::compile).toList());
      ConnectionFacts facts = random.connection();
      for (DryRunResult result : index.dryRun("shop", List.of(), facts)) {
        Authorization wire =
            wires.stream()
                .filter(w -> w.getName().equals(result.policy().name()))
                .findFirst()
                .orElseThrow();
        assertThat(result.matched()).isEqualTo(PlainEvaluation.matches(wire, facts));
      }
    }
  }

  @Test
  void manyRulesOfOnePolicyAreFoundToo() {
    StringBuilder text = new StringBuilder("action: ALLOW ");
    IntStream.range(0, 200)
        .forEach(
            i ->
                text.append(
                        "rules { clauses { matches { principals { exact: 'cluster.local/ns/shop/sa/c%d' }"
                            .formatted(i))
                    .append(" } } } "));
    CompiledAuthorization policy = Policies.policy(text.toString());
    assertThat(policy.matches(peer("cluster.local/ns/shop/sa/c199"))).isTrue();
    assertThat(policy.matches(peer("cluster.local/ns/shop/sa/c200"))).isFalse();
  }

  @Test
  void rareKeyIsPreferredToACommonOne() {
    List<CompiledRule> rules = new ArrayList<>();
    for (int port = 1; port <= 100; port++) {
      rules.addAll(
          Policies.match(
                  "principals { exact: 'cluster.local/ns/shop/sa/web' } destination_ports: " + port)
              .rules());
    }
    RuleKeys keys = new RuleKeys(rules);
    assertThat(keys.of(rules.get(79)).orElseThrow()).containsExactly(new RuleKey.Port(80));
  }

  @Test
  void ruleThatCannotMatchIsNeverAsked() {
    List<CompiledRule> rules = Policies.policy("rules { clauses { matches {} } }").rules();
    assertThat(new RuleKeys(rules).of(rules.getFirst()).orElseThrow()).isEmpty();
  }

  private static Seen seen(Verdict verdict) {
    return switch (verdict) {
      case Verdict.Allow allow when allow.policy().isPresent() -> Seen.ALLOWED_BY_POLICY;
      case Verdict.Allow allow -> Seen.ALLOWED_BY_NONE;
      case Verdict.Deny deny -> Seen.valueOf(deny.reason().name());
    };
  }
}

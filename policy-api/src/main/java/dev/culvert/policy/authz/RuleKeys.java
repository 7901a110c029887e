// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz;

import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds, for each rule, keys of which a connection must have one or the rule cannot match. A rule
 * gives a choice: any clause will do, and in each match of it any condition. The one whose keys the
 * fewest rules share is taken.
 */
final class RuleKeys {
  private static final int RANKS = 8;

  private final Map<RuleKey, Integer> uses = new HashMap<>();

  RuleKeys(List<CompiledRule> rules) {
    for (CompiledRule rule : rules) {
      for (Condition[][] clause : rule.clauses()) {
        for (Condition[] match : clause) {
          for (Condition condition : match) {
            condition.keys().forEach(key -> uses.merge(key, 1, Integer::sum));
          }
        }
      }
    }
  }

  /**
   * The keys of a rule; empty when it can match without any, as a rule of prefixes or of negated
   * fields does. A set without keys belongs to a rule that never matches.
   */
  Optional<Set<RuleKey>> of(CompiledRule rule) {
    Set<RuleKey> best = null;
    for (Condition[][] clause : rule.clauses()) {
      Set<RuleKey> keys = clause.length == 0 ? null : ofClause(clause);
      if (keys != null && (best == null || cost(keys) < cost(best))) {
        best = keys;
      }
    }
    return Optional.ofNullable(best);
  }

  /** All matches of a clause need keys, because any of them may be the one that holds. */
  private Set<RuleKey> ofClause(Condition[][] clause) {
    Set<RuleKey> keys = new HashSet<>();
    for (Condition[] match : clause) {
      Set<RuleKey> own = match.length == 0 ? Set.of() : ofMatch(match);
      if (own == null) {
        return null;
      }
      keys.addAll(own);
    }
    return keys;
  }

  /** One condition is enough, because all of them must hold. */
  private Set<RuleKey> ofMatch(Condition[] match) {
    Set<RuleKey> best = null;
    for (Condition condition : match) {
      Set<RuleKey> keys = condition.keys();
      if (!keys.isEmpty() && (best == null || cost(keys) < cost(best))) {
        best = keys;
      }
    }
    return best;
  }

  /** How many rules a connection that has the most common of the keys is compared with. */
  private long cost(Set<RuleKey> keys) {
    long cost = 0;
    for (RuleKey key : keys) {
      cost = Math.max(cost, (long) uses.get(key) * RANKS + key.rank());
    }
    return cost;
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz;

import dev.culvert.policy.wire.security.Clause;
import dev.culvert.policy.wire.security.Rule;
import java.util.List;

/** A rule made for matching: all clauses, in each any match, in each all conditions. */
final class CompiledRule {
  private final Condition[][][] clauses;

  private CompiledRule(Condition[][][] clauses) {
    this.clauses = clauses;
  }

  static CompiledRule compile(PolicyKey policy, String path, Rule rule) {
    List<Clause> wire = rule.getClausesList();
    Condition[][][] clauses = new Condition[wire.size()][][];
    for (int i = 0; i < clauses.length; i++) {
      clauses[i] = clause(policy, "%s.clauses[%d]".formatted(path, i), wire.get(i));
    }
    return new CompiledRule(clauses);
  }

  private static Condition[][] clause(PolicyKey policy, String path, Clause wire) {
    Condition[][] matches = new Condition[wire.getMatchesCount()][];
    for (int i = 0; i < matches.length; i++) {
      String field = "%s.matches[%d]".formatted(path, i);
      matches[i] = MatchCompiler.compile(policy, field, wire.getMatches(i));
    }
    return matches;
  }

  /** Clauses, in each its matches, in each its conditions; not to be changed. */
  Condition[][][] clauses() {
    return clauses;
  }

  boolean matches(ConnectionFacts facts) {
    for (Condition[][] clause : clauses) {
      if (clause.length > 0 && !any(clause, facts)) {
        return false;
      }
    }
    return true;
  }

  private static boolean any(Condition[][] matches, ConnectionFacts facts) {
    for (Condition[] match : matches) {
      if (match.length > 0 && all(match, facts)) {
        return true;
      }
    }
    return false;
  }

  private static boolean all(Condition[] match, ConnectionFacts facts) {
    for (Condition condition : match) {
      if (!condition.holds(facts)) {
        return false;
      }
    }
    return true;
  }
}

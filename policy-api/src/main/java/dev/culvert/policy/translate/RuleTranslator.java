// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.translate;

import dev.culvert.policy.resource.AuthorizationPolicy;
import dev.culvert.policy.resource.AuthorizationPolicy.Action;
import dev.culvert.policy.resource.AuthorizationRule;
import dev.culvert.policy.wire.security.Clause;
import dev.culvert.policy.wire.security.Match;
import dev.culvert.policy.wire.security.Rule;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Translates the rules of one policy and leaves out what needs HTTP, always to the strict side: an
 * ALLOW rule goes wholly; a DENY rule is kept without its HTTP fields, as long as something is
 * left.
 */
final class RuleTranslator {
  private final AuthorizationPolicy policy;
  private final MatchTranslator matches;
  private final Consumer<String> notices;
  private final List<Rule> rules = new ArrayList<>();

  RuleTranslator(AuthorizationPolicy policy, Consumer<String> notices) {
    this.policy = policy;
    this.matches = new MatchTranslator(policy.metadata().namespace());
    this.notices = notices;
  }

  List<Rule> rules() {
    for (int i = 0; i < policy.rules().size(); i++) {
      translate("rules[%d]".formatted(i), policy.rules().get(i));
    }
    return rules;
  }

  private void translate(String name, AuthorizationRule rule) {
    Set<String> http = HttpFields.of(rule);
    if (http.isEmpty()) {
      rules.addAll(withoutHttp(rule));
    } else if (policy.action() == Action.ALLOW) {
      notices.accept(
          ("%s is left out: %s cannot be judged without HTTP, so what it would allow stays denied;"
                  + " use a waypoint")
              .formatted(name, String.join(", ", http)));
    } else {
      deny(name, http, withoutHttp(rule));
    }
  }

  private void deny(String name, Set<String> http, List<Rule> left) {
    List<Rule> meaningful = left.stream().filter(rule -> rule.getClausesCount() > 0).toList();
    String effect =
        meaningful.isEmpty()
            ? "%s has no effect: nothing is left of it without %s, which need HTTP; use a waypoint"
            : "%s is held to without %s, which need HTTP, so it denies other requests than it says; use a"
                + " waypoint";
    notices.accept(effect.formatted(name, String.join(", ", http)));
    rules.addAll(meaningful);
  }

  /**
   * A source or operation of which nothing is left means any. Sources and operations are
   * alternatives, so a rule is the union over all pairs, and one that means any stands for itself.
   */
  private List<Rule> withoutHttp(AuthorizationRule rule) {
    List<Clause> when =
        rule.when().stream().map(matches::when).filter(this::says).map(this::clause).toList();
    List<Rule> translated = new ArrayList<>();
    for (List<Match> from : alternatives(rule.from().stream().map(matches::source).toList())) {
      for (List<Match> to : alternatives(rule.to().stream().map(matches::operation).toList())) {
        translated.add(rule(from, to, when));
      }
    }
    return translated;
  }

  /**
   * Those that say something as one clause, and, beside them, the clause that means any. In an
   * ALLOW policy a match that says nothing stays, and matches nothing.
   */
  private List<List<Match>> alternatives(List<Match> all) {
    List<Match> saying = all.stream().filter(this::says).toList();
    if (saying.isEmpty()) {
      return List.of(List.of());
    }
    return saying.size() == all.size() ? List.of(saying) : List.of(saying, List.of());
  }

  private static Rule rule(List<Match> from, List<Match> to, List<Clause> when) {
    Rule.Builder rule = Rule.newBuilder();
    for (List<Match> clause : List.of(from, to)) {
      if (!clause.isEmpty()) {
        rule.addClauses(Clause.newBuilder().addAllMatches(clause));
      }
    }
    return rule.addAllClauses(when).build();
  }

  private boolean says(Match match) {
    return policy.action() == Action.ALLOW || !match.equals(Match.getDefaultInstance());
  }

  private Clause clause(Match match) {
    return Clause.newBuilder().addMatches(match).build();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.exchange;

import dev.culvert.policy.authz.request.TokenFacts;
import dev.culvert.waypoint.plan.RoutePlan;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** What phases found out about a request, for those after them. On its event loop. */
public final class Findings {
  private @Nullable RoutePlan plan;
  private List<Phase> filters = List.of();
  private List<Phase> guards = List.of();
  private TokenFacts token = TokenFacts.NONE;
  private @Nullable Hop hop;

  Findings() {}

  /** Sets what is to be done with it, and the filters to go through before. */
  public void take(RoutePlan taken, List<Phase> through) {
    plan = taken;
    filters = through;
  }

  /** What is to be done with it; null before it was matched. */
  public @Nullable RoutePlan plan() {
    return plan;
  }

  /** The filters of the rule that took it. */
  public List<Phase> filters() {
    return filters;
  }

  /** Sets what decides whether it may go on, before anything else is done with it. */
  public void guard(List<Phase> deciding) {
    guards = deciding;
  }

  /** What decides whether it may go on. */
  List<Phase> guards() {
    return guards;
  }

  /** Its token was proved. */
  public void authenticated(TokenFacts proved) {
    token = proved;
  }

  /** What its token says, if it has one that was proved. */
  public TokenFacts token() {
    return token;
  }

  /** It is of a trace, of which this is a part. */
  public void traced(Hop here) {
    hop = here;
  }

  /** Its part of a trace; null before it is known. */
  public @Nullable Hop hop() {
    return hop;
  }
}

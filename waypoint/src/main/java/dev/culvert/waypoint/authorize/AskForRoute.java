// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authorize;

import dev.culvert.policy.authz.request.Question;
import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.exchange.Phase;
import java.util.List;
import java.util.Map;

/** Asks about each request of a rule; it waits meanwhile, and so does its body. */
record AskForRoute(Question question, Provider decider) implements Phase {
  @Override
  public Step run(Exchange exchange) {
    new Inquiry(exchange, List.of(question), Map.of(question.provider(), decider)).next();
    return Step.WAITS;
  }
}

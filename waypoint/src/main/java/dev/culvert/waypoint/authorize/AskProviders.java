// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authorize;

import dev.culvert.policy.authz.request.Question;
import dev.culvert.policy.authz.request.RequestPolicies;
import dev.culvert.waypoint.accept.RejectedRequestException;
import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.exchange.LocalAnswer;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.http.ResponseFlag;
import java.util.List;
import java.util.Map;

/**
 * Asks the providers of those CUSTOM policies that are for a request, one after the other; it waits
 * meanwhile, and so does its body.
 */
final class AskProviders implements Phase {
  private final RequestPolicies policies;
  private final Map<String, Provider> providers;
  private final ForwardedFor forwardedFor;

  /**
   * @param providers by name; a policy that names none of them lets nothing through
   */
  AskProviders(
      RequestPolicies policies, Map<String, Provider> providers, ForwardedFor forwardedFor) {
    this.policies = policies;
    this.providers = Map.copyOf(providers);
    this.forwardedFor = forwardedFor;
  }

  @Override
  public Step run(Exchange exchange) {
    List<Question> questions;
    try {
      questions = policies.questions(new ExchangeFacts(exchange, forwardedFor));
    } catch (RejectedRequestException e) {
      exchange.answer(LocalAnswer.of(e.status(), ResponseFlag.CLIENT_PROTOCOL, e.getMessage()));
      return Step.ANSWERED;
    }
    if (questions.isEmpty()) {
      return Step.NEXT;
    }
    new Inquiry(exchange, questions, providers).next();
    return Step.WAITS;
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authorize;

import dev.culvert.policy.authz.PolicyKey;
import dev.culvert.policy.authz.Verdict;
import dev.culvert.policy.authz.request.RequestPolicies;
import dev.culvert.policy.resource.AuthorizationPolicy;
import dev.culvert.waypoint.accept.RejectedRequestException;
import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.exchange.LocalAnswer;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.http.ResponseFlag;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;

/**
 * Lets a request go on that the policies of its listener allow, and answers 403 else. Those of
 * action CUSTOM were asked before.
 */
public final class Authorize implements Phase {
  /** What Envoy says, since clients and tests know it. */
  private static final String BODY = "RBAC: access denied";

  private final RequestPolicies policies;
  private final ForwardedFor forwardedFor;

  /**
   * @param policies of the listener
   * @param forwardedFor who tells where a client is
   */
  Authorize(RequestPolicies policies, ForwardedFor forwardedFor) {
    this.policies = policies;
    this.forwardedFor = forwardedFor;
  }

  @Override
  public Step run(Exchange exchange) {
    ExchangeFacts facts;
    try {
      facts = new ExchangeFacts(exchange, forwardedFor);
    } catch (RejectedRequestException e) {
      exchange.answer(LocalAnswer.of(e.status(), ResponseFlag.CLIENT_PROTOCOL, e.getMessage()));
      return Step.ANSWERED;
    }
    policies.watch(facts, policy -> exchange.account().noted(note(policy)));
    Verdict verdict = policies.decide(facts);
    exchange.account().decidedBy(verdict.policy().map(PolicyKey::toString).orElse(""));
    if (verdict instanceof Verdict.Deny denied) {
      exchange.answer(refusal(denied));
      return Step.ANSWERED;
    }
    return Step.NEXT;
  }

  private static String note(AuthorizationPolicy policy) {
    String name = policy.metadata().namespace() + "/" + policy.metadata().name();
    return switch (policy.action()) {
      case AUDIT -> "audited by " + name;
      case ALLOW -> "allowed by " + name;
      case DENY, CUSTOM -> "denied by " + name;
    };
  }

  private static LocalAnswer refusal(Verdict.Deny denied) {
    HttpHeaders headers = new DefaultHttpHeaders();
    headers.set(HttpHeaderNames.CONTENT_TYPE, "text/plain");
    return new LocalAnswer(403, ResponseFlag.DENIED, denied.reason().toString(), headers, BODY);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz.request;

import dev.culvert.policy.resource.AuthorizationPolicy;
import dev.culvert.policy.resource.AuthorizationPolicy.Action;
import dev.culvert.policy.resource.AuthorizationRule;
import dev.culvert.policy.resource.Operation;
import dev.culvert.policy.resource.Source;
import dev.culvert.policy.resource.Values;
import dev.culvert.policy.resource.When;
import java.util.List;

/**
 * Policies for connections that nobody looks into, in Istio's way: what asks for something that
 * only requests have allows nothing, and forbids whatever the rest of it takes.
 */
final class ConnectionRules {
  private static final String OF_REQUESTS = "request.";

  private ConnectionRules() {}

  static AuthorizationPolicy of(AuthorizationPolicy policy) {
    boolean forbids = policy.action() == Action.DENY || policy.action() == Action.CUSTOM;
    List<AuthorizationRule> rules =
        forbids
            ? policy.rules().stream().map(ConnectionRules::rest).toList()
            : policy.rules().stream().filter(rule -> rule.equals(rest(rule))).toList();
    return new AuthorizationPolicy(
        policy.metadata(),
        policy.selector(),
        policy.targetRefs(),
        policy.action(),
        policy.provider(),
        rules);
  }

  private static AuthorizationRule rest(AuthorizationRule rule) {
    return new AuthorizationRule(
        rule.from().stream().map(ConnectionRules::rest).toList(),
        rule.to().stream().map(ConnectionRules::rest).toList(),
        rule.when().stream().filter(ConnectionRules::isOfConnections).toList());
  }

  private static Source rest(Source source) {
    return new Source(
        source.principals(),
        Values.nothing(),
        source.namespaces(),
        source.ipBlocks(),
        source.remoteIpBlocks(),
        source.serviceAccounts());
  }

  private static Operation rest(Operation operation) {
    return new Operation(Values.nothing(), operation.ports(), Values.nothing(), Values.nothing());
  }

  private static boolean isOfConnections(When when) {
    return !when.key().startsWith(OF_REQUESTS);
  }
}

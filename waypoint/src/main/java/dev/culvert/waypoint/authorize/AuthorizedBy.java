// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authorize;

import dev.culvert.policy.authz.request.RequestPolicies;
import dev.culvert.policy.resource.AuthorizationPolicy;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.kept.Piece;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * What policies make of requests.
 *
 * @param about what they are for
 * @param providers that may be asked, by name
 * @param forwardedFor who tells where a client is
 * @param unknown what is said of a policy that names none of the providers
 */
record AuthorizedBy(
    Object about,
    List<AuthorizationPolicy> policies,
    Map<String, Provider> providers,
    ForwardedFor forwardedFor,
    String unknown)
    implements Piece<List<Phase>> {
  @Override
  public List<Phase> make(List<String> problems) {
    RequestPolicies compiled = RequestPolicies.of(policies);
    List<Phase> phases = new ArrayList<>(2);
    if (compiled.asks()) {
      policies.forEach(policy -> tellIfUnknown(policy, problems));
      phases.add(new AskProviders(compiled, providers, forwardedFor));
    }
    if (!compiled.isEmpty()) {
      phases.add(new Authorize(compiled, forwardedFor));
    }
    return List.copyOf(phases);
  }

  private void tellIfUnknown(AuthorizationPolicy policy, List<String> problems) {
    policy
        .provider()
        .filter(name -> !providers.containsKey(name))
        .ifPresent(name -> problems.add(unknown.formatted(policy.key(), name)));
  }
}

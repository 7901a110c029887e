// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.policy.authz.request.RequestPolicies;
import dev.culvert.policy.resource.AuthorizationPolicy;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.ResourceFiles;
import dev.culvert.policy.translate.MeshPolicies;
import dev.culvert.waypoint.authorize.Authorize;
import dev.culvert.waypoint.authorize.ForwardedFor;
import dev.culvert.waypoint.exchange.Phase;
import java.util.List;

/** What the AuthorizationPolicies that are for a Gateway make of its listeners. */
final class GatewayPolicies {
  private static final String GATEWAY_NAME = "gateway.networking.k8s.io/gateway-name";

  private final List<AuthorizationPolicy> policies;
  private final ForwardedFor forwardedFor;
  private final List<String> problems;

  GatewayPolicies(ResourceFiles files, ForwardedFor forwardedFor, List<String> problems) {
    this.policies = files.resources(AuthorizationPolicy.class).toList();
    this.forwardedFor = forwardedFor;
    this.problems = problems;
  }

  /** What decides on its requests; nothing where no policy is for it. */
  List<Phase> guards(GatewayResource gateway) {
    List<AuthorizationPolicy> own =
        policies.stream().filter(policy -> isFor(policy, gateway)).toList();
    own.stream()
        .flatMap(policy -> policy.provider().stream().map(one -> problem(policy, one)))
        .filter(problem -> !problems.contains(problem))
        .forEach(problems::add);
    RequestPolicies compiled = RequestPolicies.of(own);
    return compiled.isEmpty() ? List.of() : List.of(new Authorize(compiled, forwardedFor));
  }

  private static String problem(AuthorizationPolicy policy, String provider) {
    return "AuthorizationPolicy %s/%s: provider '%s' cannot be asked yet; what it is for is denied"
        .formatted(policy.metadata().namespace(), policy.metadata().name(), provider);
  }

  private static boolean isFor(AuthorizationPolicy policy, GatewayResource gateway) {
    ObjectMeta own = gateway.metadata();
    boolean root = MeshPolicies.ROOT_NAMESPACES.contains(policy.metadata().namespace());
    boolean near = policy.metadata().namespace().equals(own.namespace());
    if (!policy.targetRefs().isEmpty()) {
      return (near && names(policy, "Gateway", own.name()))
          || (root && names(policy, "GatewayClass", gateway.className()));
    }
    return (near || root)
        && (policy.selector().isEmpty() || own.name().equals(policy.selector().get(GATEWAY_NAME)));
  }

  private static boolean names(AuthorizationPolicy policy, String kind, String name) {
    return policy.targetRefs().stream()
        .anyMatch(ref -> ref.kind().equals(kind) && ref.name().equals(name));
  }
}

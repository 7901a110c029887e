// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.policy.authz.request.RequestPolicies;
import dev.culvert.policy.resource.AuthorizationPolicy;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.RequestAuthentication;
import dev.culvert.policy.resource.Resources;
import dev.culvert.policy.resource.TargetRef;
import dev.culvert.policy.translate.MeshPolicies;
import dev.culvert.waypoint.authenticate.Authenticate;
import dev.culvert.waypoint.authenticate.Issuer;
import dev.culvert.waypoint.authenticate.KeySources;
import dev.culvert.waypoint.authorize.Authorize;
import dev.culvert.waypoint.authorize.ForwardedFor;
import dev.culvert.waypoint.exchange.Phase;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/** What the policies that are for a Gateway make of its listeners. */
final class GatewayPolicies {
  private static final String GATEWAY_NAME = "gateway.networking.k8s.io/gateway-name";

  private final List<AuthorizationPolicy> policies;
  private final List<RequestAuthentication> authentications;
  private final ForwardedFor forwardedFor;
  private final KeySources keys;
  private final List<String> problems;

  GatewayPolicies(
      Resources files, ForwardedFor forwardedFor, KeySources keys, List<String> problems) {
    this.policies = files.resources(AuthorizationPolicy.class).toList();
    this.authentications = files.resources(RequestAuthentication.class).toList();
    this.forwardedFor = forwardedFor;
    this.keys = keys;
    this.problems = problems;
  }

  /** What decides on its requests; nothing where no policy is for it. */
  List<Phase> guards(GatewayResource gateway) {
    List<Phase> guards = new ArrayList<>();
    authenticate(gateway).ifPresent(guards::add);
    authorize(gateway).ifPresent(guards::add);
    return guards;
  }

  private Optional<Phase> authenticate(GatewayResource gateway) {
    List<Issuer> issuers =
        authentications.stream()
            .filter(one -> isFor(one.metadata(), one.selector(), one.targetRefs(), gateway))
            .flatMap(this::issuers)
            .toList();
    return issuers.isEmpty() ? Optional.empty() : Optional.of(new Authenticate(issuers));
  }

  private Stream<Issuer> issuers(RequestAuthentication from) {
    return from.jwtRules().stream()
        .map(rule -> Issuer.of(rule, keys, problem -> tell(from.key() + ": " + problem)));
  }

  private Optional<Phase> authorize(GatewayResource gateway) {
    List<AuthorizationPolicy> own =
        policies.stream()
            .filter(one -> isFor(one.metadata(), one.selector(), one.targetRefs(), gateway))
            .toList();
    own.forEach(policy -> policy.provider().ifPresent(one -> tell(problem(policy, one))));
    RequestPolicies compiled = RequestPolicies.of(own);
    return compiled.isEmpty()
        ? Optional.empty()
        : Optional.of(new Authorize(compiled, forwardedFor));
  }

  private void tell(String problem) {
    if (!problems.contains(problem)) {
      problems.add(problem);
    }
  }

  private static String problem(AuthorizationPolicy policy, String provider) {
    return "AuthorizationPolicy %s/%s: provider '%s' cannot be asked yet; what it is for is denied"
        .formatted(policy.metadata().namespace(), policy.metadata().name(), provider);
  }

  private static boolean isFor(
      ObjectMeta policy,
      Map<String, String> selector,
      List<TargetRef> refs,
      GatewayResource gateway) {
    ObjectMeta own = gateway.metadata();
    boolean root = MeshPolicies.ROOT_NAMESPACES.contains(policy.namespace());
    boolean near = policy.namespace().equals(own.namespace());
    if (!refs.isEmpty()) {
      return (near && names(refs, "Gateway", own.name()))
          || (root && names(refs, "GatewayClass", gateway.className()));
    }
    return (near || root) && (selector.isEmpty() || own.name().equals(selector.get(GATEWAY_NAME)));
  }

  private static boolean names(List<TargetRef> refs, String kind, String name) {
    return refs.stream().anyMatch(ref -> ref.kind().equals(kind) && ref.name().equals(name));
  }
}

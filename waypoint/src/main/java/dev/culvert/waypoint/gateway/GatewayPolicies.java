// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.policy.authz.request.RequestPolicies;
import dev.culvert.policy.resource.AuthorizationPolicy;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.RequestAuthentication;
import dev.culvert.policy.resource.Resources;
import dev.culvert.policy.resource.TargetRef;
import dev.culvert.waypoint.authenticate.Authenticate;
import dev.culvert.waypoint.authenticate.Issuer;
import dev.culvert.waypoint.authorize.Providers;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.exchange.Refuse;
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
  private final Surroundings surroundings;
  private final Providers providers;
  private final List<String> problems;

  GatewayPolicies(
      Resources files, Surroundings surroundings, Providers providers, List<String> problems) {
    this.policies = files.resources(AuthorizationPolicy.class).toList();
    this.authentications = files.resources(RequestAuthentication.class).toList();
    this.surroundings = surroundings;
    this.problems = problems;
    this.providers = providers;
  }

  /** What decides on its requests; nothing where no policy is for it. */
  List<Phase> guards(GatewayResource gateway) {
    List<Phase> guards = new ArrayList<>();
    surroundings.closed().door().map(Refuse::new).ifPresent(guards::add);
    authenticate(gateway).ifPresent(guards::add);
    guards.addAll(authorize(gateway));
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
        .map(
            rule ->
                Issuer.of(rule, surroundings.keys(), problem -> tell(from.key() + ": " + problem)));
  }

  private List<Phase> authorize(GatewayResource gateway) {
    return providers.phases(own(gateway), surroundings.forwardedFor());
  }

  private List<AuthorizationPolicy> own(GatewayResource gateway) {
    return policies.stream()
        .filter(one -> isFor(one.metadata(), one.selector(), one.targetRefs(), gateway))
        .toList();
  }

  /** What decides on its connections that nobody looks into. */
  RequestPolicies connections(GatewayResource gateway) {
    if (surroundings.closed().door().isPresent()) {
      return RequestPolicies.ofConnections(List.of(allowingNobody(gateway)));
    }
    List<AuthorizationPolicy> own = own(gateway);
    own.stream()
        .filter(one -> one.action() == AuthorizationPolicy.Action.CUSTOM && !one.dryRun())
        .forEach(
            one ->
                tell(
                    "%s: nobody is asked about connections that are not looked into; those it is for are denied"
                        .formatted(one.key())));
    return RequestPolicies.ofConnections(own);
  }

  private static AuthorizationPolicy allowingNobody(GatewayResource gateway) {
    return new AuthorizationPolicy(
        gateway.metadata(),
        Map.of(),
        List.of(),
        AuthorizationPolicy.Action.ALLOW,
        Optional.empty(),
        List.of());
  }

  private void tell(String problem) {
    if (!problems.contains(problem)) {
      problems.add(problem);
    }
  }

  private boolean isFor(
      ObjectMeta policy,
      Map<String, String> selector,
      List<TargetRef> refs,
      GatewayResource gateway) {
    ObjectMeta own = gateway.metadata();
    boolean root = surroundings.rootNamespaces().contains(policy.namespace());
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

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.policy.authz.request.RequestPolicies;
import dev.culvert.policy.resource.AuthorizationPolicy;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.RequestAuthentication;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.Resources;
import dev.culvert.policy.resource.TargetRef;
import dev.culvert.waypoint.authenticate.AuthenticatedBy;
import dev.culvert.waypoint.authenticate.Issuer;
import dev.culvert.waypoint.authorize.Providers;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.exchange.Refuse;
import dev.culvert.waypoint.kept.Kept;
import dev.culvert.waypoint.route.Closed;
import java.util.ArrayList;
import java.util.HashMap;
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
  private final Closed closed;
  private final Kept kept;
  private final List<String> problems;
  private final Map<ResourceKey, List<Phase>> guards = new HashMap<>();

  GatewayPolicies(
      Resources files,
      Surroundings surroundings,
      Closed closed,
      Providers providers,
      Kept kept,
      List<String> problems) {
    this.closed = closed;
    this.kept = kept;
    this.policies = files.resources(AuthorizationPolicy.class).toList();
    this.authentications = files.resources(RequestAuthentication.class).toList();
    this.surroundings = surroundings;
    this.problems = problems;
    this.providers = providers;
  }

  /** What decides on its requests; nothing where no policy is for it. */
  List<Phase> guards(GatewayResource gateway) {
    return guards.computeIfAbsent(gateway.key(), _ -> make(gateway));
  }

  private List<Phase> make(GatewayResource gateway) {
    List<Phase> made = new ArrayList<>();
    closed.door().map(Refuse::new).ifPresent(made::add);
    authenticate(gateway).ifPresent(made::add);
    made.addAll(providers.phases(gateway.key(), own(gateway), surroundings.forwardedFor(), kept));
    return made;
  }

  private Optional<Phase> authenticate(GatewayResource gateway) {
    List<Issuer> issuers =
        authentications.stream()
            .filter(one -> isFor(one.metadata(), one.selector(), one.targetRefs(), gateway))
            .flatMap(this::issuers)
            .toList();
    return kept.of(new AuthenticatedBy(gateway.key(), issuers), problems);
  }

  private Stream<Issuer> issuers(RequestAuthentication from) {
    return from.jwtRules().stream()
        .map(
            rule ->
                Issuer.of(
                    rule, surroundings.keys(), kept, problem -> tell(from.key() + ": " + problem)));
  }

  private List<AuthorizationPolicy> own(GatewayResource gateway) {
    return policies.stream()
        .filter(one -> isFor(one.metadata(), one.selector(), one.targetRefs(), gateway))
        .toList();
  }

  /** What decides on its connections that nobody looks into. */
  RequestPolicies connections(GatewayResource gateway) {
    if (closed.door().isPresent()) {
      return judged(gateway, List.of(allowingNobody(gateway)));
    }
    List<AuthorizationPolicy> own = own(gateway);
    own.stream()
        .filter(one -> one.action() == AuthorizationPolicy.Action.CUSTOM && !one.dryRun())
        .forEach(
            one ->
                tell(
                    "%s: nobody is asked about connections that are not looked into; those it is for are denied"
                        .formatted(one.key())));
    return judged(gateway, own);
  }

  private RequestPolicies judged(GatewayResource gateway, List<AuthorizationPolicy> by) {
    return kept.of(new ConnectionsJudged(gateway.key(), by), problems);
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

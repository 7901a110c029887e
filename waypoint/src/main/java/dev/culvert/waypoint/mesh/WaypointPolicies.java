// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.policy.authz.Verdict;
import dev.culvert.policy.authz.request.RequestPolicies;
import dev.culvert.policy.resource.AuthorizationPolicy;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.RequestAuthentication;
import dev.culvert.policy.resource.Resources;
import dev.culvert.policy.resource.TargetRef;
import dev.culvert.waypoint.authenticate.AuthenticatedBy;
import dev.culvert.waypoint.authenticate.Issuer;
import dev.culvert.waypoint.authenticate.KeySources;
import dev.culvert.waypoint.authorize.ConnectionFacts;
import dev.culvert.waypoint.authorize.ForwardedFor;
import dev.culvert.waypoint.authorize.Providers;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.kept.Kept;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.xds.Service;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The policies that are for this waypoint, by targetRefs; all other AuthorizationPolicies are
 * enforced where connections end.
 */
final class WaypointPolicies {
  private static final Set<String> SERVICES = Set.of("Service", "ServiceEntry");

  /** Who a client is, its tunnel proved: no header is believed. */
  private static final ForwardedFor NOBODY = new ForwardedFor(0);

  private record Tokens(RequestAuthentication policy, List<Issuer> issuers) {}

  private final List<AuthorizationPolicy> policies;
  private final List<Tokens> tokens;
  private final List<String> problems = new ArrayList<>();

  /** By the service that is asked for; the empty name is any pod. */
  private final Map<String, Judged> ofConnections = new ConcurrentHashMap<>();

  /** Those of the policies of before. */
  private final Map<String, Judged> before;

  private final Self self;
  private final KeySources keys;
  private final Providers providers;
  private final Kept kept;

  /** What policies make of connections. */
  private record Judged(List<AuthorizationPolicy> policies, RequestPolicies compiled) {}

  private WaypointPolicies(
      Resources files,
      Self self,
      KeySources keys,
      Providers providers,
      Kept kept,
      Map<String, Judged> before) {
    this.self = self;
    this.keys = keys;
    this.providers = providers;
    this.kept = kept;
    this.before = before;
    this.policies =
        files
            .resources(AuthorizationPolicy.class)
            .filter(policy -> !policy.targetRefs().isEmpty())
            .toList();
    keys.begin();
    this.tokens =
        files
            .resources(RequestAuthentication.class)
            .filter(policy -> !policy.targetRefs().isEmpty())
            .map(this::tokens)
            .toList();
    keys.end();
  }

  /**
   * The first ones.
   *
   * @param kept of issuers
   */
  static WaypointPolicies first(
      Resources files, Self self, KeySources keys, Providers providers, Kept kept) {
    return new WaypointPolicies(files, self, keys, providers, kept, Map.of());
  }

  /** Those after these. */
  WaypointPolicies next(Resources files, Providers next) {
    return new WaypointPolicies(files, self, keys, next, kept, ofConnections);
  }

  /** Before a request asks for them: its keys are fetched ahead. */
  private Tokens tokens(RequestAuthentication policy) {
    Consumer<String> problem = text -> problems.add(policy.key() + ": " + text);
    return new Tokens(
        policy,
        policy.jwtRules().stream().map(rule -> Issuer.of(rule, keys, kept, problem)).toList());
  }

  /** What is wrong with keys and providers. */
  List<String> problems() {
    return Stream.of(problems, providers.problems()).flatMap(List::stream).toList();
  }

  /**
   * What decides on requests; nothing where no policy is for it.
   *
   * @param ofPort of what the port comes to
   */
  List<Phase> guards(Asked asked, Kept ofPort) {
    List<Issuer> issuers =
        tokens.stream()
            .filter(one -> isFor(one.policy.metadata(), one.policy.targetRefs(), asked))
            .flatMap(one -> one.issuers.stream())
            .toList();
    List<Phase> guards = new ArrayList<>();
    ofPort.of(new AuthenticatedBy(asked.key(), issuers), problems).ifPresent(guards::add);
    guards.addAll(providers.phases(asked.key(), own(asked), NOBODY, ofPort));
    return guards;
  }

  /** Why a connection that is not looked into may not go on, if it may not. */
  Optional<String> denial(Asked asked, ConnectionFacts client) {
    return ofConnections(asked).decide(client) instanceof Verdict.Deny denied
        ? Outcome.denied(denied).error()
        : Optional.empty();
  }

  /** What judges connections that are not looked into; compiled when the first one comes. */
  RequestPolicies ofConnections(Asked asked) {
    String service = asked.asService().map(Service::key).orElse("");
    Judged known = ofConnections.get(service);
    return (known != null ? known : ofConnections.computeIfAbsent(service, _ -> judged(asked)))
        .compiled;
  }

  private Judged judged(Asked asked) {
    List<AuthorizationPolicy> own = own(asked);
    Judged known = before.get(asked.asService().map(Service::key).orElse(""));
    return known != null && known.policies.equals(own)
        ? known
        : new Judged(own, RequestPolicies.ofConnections(own));
  }

  private List<AuthorizationPolicy> own(Asked asked) {
    return policies.stream().filter(policy -> isFor(policy, asked)).toList();
  }

  private boolean isFor(AuthorizationPolicy policy, Asked asked) {
    return isFor(policy.metadata(), policy.targetRefs(), asked);
  }

  private boolean isFor(ObjectMeta policy, List<TargetRef> refs, Asked asked) {
    return isForWaypoint(policy.namespace(), refs) || isForService(policy.namespace(), refs, asked);
  }

  private boolean isForWaypoint(String namespace, List<TargetRef> refs) {
    boolean own =
        namespace.equals(self.waypoint().namespace())
            && names(refs, Set.of("Gateway"), self.waypoint().name());
    return own
        || (self.rootNamespaces().contains(namespace)
            && names(refs, Set.of("GatewayClass"), self.className()));
  }

  private static boolean isForService(String namespace, List<TargetRef> refs, Asked asked) {
    return asked
        .asService()
        .filter(service -> service.namespace().equals(namespace))
        .filter(service -> names(refs, SERVICES, service.name()))
        .isPresent();
  }

  private static boolean names(List<TargetRef> refs, Set<String> kinds, String name) {
    return refs.stream().anyMatch(ref -> kinds.contains(ref.kind()) && ref.name().equals(name));
  }
}

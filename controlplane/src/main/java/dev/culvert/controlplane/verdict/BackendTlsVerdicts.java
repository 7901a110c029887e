// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.controlplane.model.ServiceBindings.Binding;
import dev.culvert.controlplane.status.Condition;
import dev.culvert.policy.resource.BackendTlsPolicyResource;
import dev.culvert.policy.resource.BackendTlsPolicyResource.Target;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.ObjectRef;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.ServiceResource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Whether a BackendTLSPolicy is in force, and at which front doors and waypoints (Gateway API,
 * GEP-1897).
 */
final class BackendTlsVerdicts {
  private static final Comparator<GatewayResource> BY_NAME =
      Comparator.comparing((GatewayResource one) -> one.metadata().namespace())
          .thenComparing(one -> one.metadata().name());

  private final MeshObjects mesh;
  private final boolean stored;
  private final Map<ResourceKey, Set<GatewayResource>> senders = new HashMap<>();
  private final Map<Place, BackendTlsPolicyResource> chosen = new HashMap<>();

  private record Place(ResourceKey service, String port) {}

  /**
   * @param routes what becomes of each
   */
  BackendTlsVerdicts(MeshObjects mesh, Map<ResourceKey, List<Attachment>> routes) {
    this(mesh, routes, mesh.backendTlsPolicies(), true);
  }

  /**
   * @param policies the oldest first
   * @param stored whether they are; what only others name is not read, and may be there
   */
  private BackendTlsVerdicts(
      MeshObjects mesh,
      Map<ResourceKey, List<Attachment>> routes,
      List<BackendTlsPolicyResource> policies,
      boolean stored) {
    this.mesh = mesh;
    this.stored = stored;
    mesh.routes()
        .forEach(
            route ->
                gateways(routes.getOrDefault(route.key(), List.of()))
                    .forEach(gateway -> send(gateway, BackendVerdicts.services(route))));
    mesh.services()
        .forEach(
            service ->
                waypoint(service.key()).ifPresent(one -> send(one, Stream.of(service.key()))));
    for (BackendTlsPolicyResource policy : policies) {
      policy.targets().forEach(to -> chosen.putIfAbsent(place(policy, to), policy));
    }
  }

  /**
   * What a policy would be among the others. Where nobody sends to its services yet, any of our
   * Gateways may from its next route on.
   */
  static BackendTlsVerdict preview(
      MeshObjects mesh,
      Map<ResourceKey, List<Attachment>> routes,
      BackendTlsPolicyResource policy) {
    List<BackendTlsPolicyResource> all =
        Stream.concat(
                mesh.backendTlsPolicies().stream()
                    .filter(other -> !other.key().equals(policy.key())),
                Stream.of(policy))
            .sorted(BackendTlsPolicyResource.OLDEST_FIRST)
            .toList();
    BackendTlsVerdict verdict = new BackendTlsVerdicts(mesh, routes, all, false).of(policy);
    return verdict.ancestors().isEmpty()
        ? new BackendTlsVerdict(everyGateway(mesh), verdict.conditions())
        : verdict;
  }

  private static List<GatewayResource> everyGateway(MeshObjects mesh) {
    return mesh.gateways().filter(Controllers::isOurs).toList();
  }

  private void send(GatewayResource gateway, Stream<ResourceKey> services) {
    services.forEach(
        service -> senders.computeIfAbsent(service, _ -> new TreeSet<>(BY_NAME)).add(gateway));
  }

  /** Those at whose listeners a route is, and the waypoints of services that it is attached to. */
  private List<GatewayResource> gateways(List<Attachment> attachments) {
    Stream<GatewayResource> doors =
        attachments.stream()
            .filter(one -> !one.listeners().isEmpty())
            .flatMap(one -> gateway(one.to()).stream())
            .filter(Controllers::isDoor);
    Stream<GatewayResource> waypoints =
        attachments.stream()
            .filter(Attachment::isAccepted)
            .flatMap(one -> waypoint(one.to()).stream());
    return Stream.concat(doors, waypoints).distinct().toList();
  }

  private Optional<GatewayResource> waypoint(ResourceKey service) {
    return mesh.find(service)
        .filter(ServiceResource.class::isInstance)
        .flatMap(one -> mesh.bindings().ofService(one.metadata()))
        .filter(Binding::holds)
        .flatMap(one -> mesh.gateway(one.waypoint().namespace(), one.waypoint().name()))
        .filter(Controllers::isWaypoint);
  }

  private Optional<GatewayResource> gateway(ResourceKey parent) {
    return parent.kind().equals("ListenerSet")
        ? mesh.listenerSet(parent.namespace(), parent.name())
            .flatMap(set -> mesh.gateway(set.gateway().namespace(), set.gateway().name()))
        : mesh.gateway(parent.namespace(), parent.name());
  }

  private static Place place(BackendTlsPolicyResource policy, Target to) {
    return new Place(
        new ResourceKey("Service", policy.metadata().namespace(), to.service().name()), to.port());
  }

  BackendTlsVerdict of(BackendTlsPolicyResource policy) {
    Set<GatewayResource> ancestors = new TreeSet<>(BY_NAME);
    policy
        .targets()
        .forEach(
            to -> ancestors.addAll(senders.getOrDefault(place(policy, to).service(), Set.of())));
    List<Condition> problems =
        policy.authorities().stream().flatMap(ref -> problem(ref).stream()).toList();
    boolean none = !problems.isEmpty() && problems.size() == policy.authorities().size();
    Condition accepted =
        none
            ? Say.no(Say.ACCEPTED, "NoValidCACertificate", problems.getFirst().message())
            : accepted(policy);
    Condition resolved =
        problems.stream()
            .findFirst()
            .orElse(Say.yes(Say.RESOLVED_REFS, "ResolvedRefs", "what it names is there"));
    return new BackendTlsVerdict(List.copyOf(ancestors), List.of(accepted, resolved));
  }

  private Condition accepted(BackendTlsPolicyResource policy) {
    List<Condition> lost = new ArrayList<>();
    policy.targets().forEach(to -> loss(policy, to).ifPresent(lost::add));
    if (lost.size() < policy.targets().size()) {
      return Say.yes(Say.ACCEPTED, "Accepted", "TLS is spoken to what targetRefs name");
    }
    return lost.stream()
        .filter(one -> one.reason().equals("Conflicted"))
        .findFirst()
        .orElseGet(lost::getFirst);
  }

  private Optional<Condition> loss(BackendTlsPolicyResource policy, Target to) {
    Place place = place(policy, to);
    ResourceKey key = place.service();
    Optional<ServiceResource> service = mesh.service(key.namespace(), key.name());
    boolean isThere =
        service
            .filter(
                one ->
                    place.port().isEmpty()
                        || one.ports().stream().anyMatch(it -> it.name().equals(place.port())))
            .isPresent();
    if (!isThere) {
      String what =
          place.port().isEmpty()
              ? "there is no %s".formatted(key)
              : "there is no %s with a port named %s".formatted(key, place.port());
      return Optional.of(
          Say.no(Say.ACCEPTED, "TargetNotFound", what + ": apply it, or correct targetRefs"));
    }
    BackendTlsPolicyResource first = chosen.getOrDefault(place, policy);
    return first.key().equals(policy.key())
        ? Optional.empty()
        : Optional.of(
            Say.no(
                Say.ACCEPTED,
                "Conflicted",
                "%s is for %s already and is older: remove one, or its target"
                    .formatted(first.key(), key)));
  }

  private Optional<Condition> problem(ObjectRef authority) {
    if (!authority.kind().equals("ConfigMap") || !authority.group().isEmpty()) {
      return Optional.of(
          unresolved(
              "InvalidKind",
              "caCertificateRefs: a %s is not read for that: name a ConfigMap with ca.crt"
                  .formatted(authority.kind())));
    }
    if (!stored && !mesh.isCertificateThere(authority)) {
      return Optional.empty();
    }
    return mesh.certificateProblem(authority)
        .map(text -> unresolved("InvalidCACertificateRef", "caCertificateRefs: " + text));
  }

  private static Condition unresolved(String reason, String message) {
    return Say.no(
        Say.RESOLVED_REFS, reason, message + "; nothing is sent to its services until then");
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.controlplane.model.ServiceBindings.Binding;
import dev.culvert.controlplane.status.Condition;
import dev.culvert.policy.resource.AuthorizationPolicy;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.RequestAuthentication;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.ServiceEntryResource;
import dev.culvert.policy.resource.TargetRef;
import dev.culvert.policy.translate.TranslationNotice;
import dev.culvert.policy.translate.TranslationNotice.Effect;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** What becomes of a policy: whether it is in force, what of it is not, and where. */
final class PolicyVerdicts {
  private final MeshObjects mesh;

  PolicyVerdicts(MeshObjects mesh) {
    this.mesh = mesh;
  }

  /**
   * The conditions of a policy without errors.
   *
   * @param notices what its translation says of it
   */
  List<Condition> of(Resource policy, List<TranslationNotice> notices) {
    List<Condition> conditions = new ArrayList<>();
    conditions.add(accepted(policy, notices));
    List<String> lost = texts(notices, Effect.PART);
    if (!lost.isEmpty()) {
      conditions.add(Say.yes(Say.PARTIALLY_INVALID, "UnsupportedValue", String.join(". ", lost)));
    }
    List<TargetRef> targets = targets(policy);
    if (!targets.isEmpty()) {
      conditions.add(bound(policy.metadata(), targets));
    }
    return conditions;
  }

  private Condition accepted(Resource policy, List<TranslationNotice> notices) {
    List<String> nothing = texts(notices, Effect.NOTHING);
    if (!nothing.isEmpty()) {
      return Say.no(Say.ACCEPTED, "UnsupportedValue", String.join(". ", nothing));
    }
    List<String> overridden = texts(notices, Effect.OVERRIDDEN);
    if (!overridden.isEmpty()) {
      return Say.no(Say.ACCEPTED, "Conflicted", String.join(". ", overridden));
    }
    if (!targets(policy).isEmpty()) {
      return Say.yes(Say.ACCEPTED, "Accepted", "for requests through what targetRefs name");
    }
    return policy instanceof RequestAuthentication tokens
        ? ofDoors(tokens)
        : Say.yes(Say.ACCEPTED, "Accepted", "in force in the proxies of pods");
  }

  /** Proxies of pods read no tokens. */
  private Condition ofDoors(RequestAuthentication tokens) {
    return mesh.gateways().anyMatch(gateway -> isFor(tokens, gateway))
        ? Say.yes(Say.ACCEPTED, "Accepted", "for requests through front doors that it picks")
        : Say.no(
            Say.ACCEPTED,
            "UnsupportedValue",
            "it has no effect: it picks no Gateway of class culvert-gateway, and proxies of pods"
                + " read no tokens; name a Service or Gateway in targetRefs");
  }

  private boolean isFor(RequestAuthentication tokens, GatewayResource gateway) {
    String home = tokens.metadata().namespace();
    String picked = tokens.selector().get(GatewayResource.NAME_LABEL);
    return Controllers.isDoor(gateway)
        && (mesh.isRoot(home) || home.equals(gateway.metadata().namespace()))
        && (tokens.selector().isEmpty() || gateway.metadata().name().equals(picked));
  }

  private static List<String> texts(List<TranslationNotice> notices, Effect effect) {
    return notices.stream()
        .filter(one -> one.effect() == effect)
        .map(TranslationNotice::text)
        .distinct()
        .toList();
  }

  private static List<TargetRef> targets(Resource policy) {
    return switch (policy) {
      case AuthorizationPolicy one -> one.targetRefs();
      case RequestAuthentication one -> one.targetRefs();
      default -> List.of();
    };
  }

  /** What a policy that one target lacks is for others all the same. */
  private Condition bound(ObjectMeta policy, List<TargetRef> targets) {
    for (TargetRef target : targets) {
      Optional<Condition> problem = problem(policy, target);
      if (problem.isPresent()) {
        return problem.get();
      }
    }
    return Say.yes(
        Say.WAYPOINT_BOUND,
        "Accepted",
        "enforced for "
            + targets.stream()
                .map(one -> one.kind() + " " + one.name())
                .collect(Collectors.joining(", ")));
  }

  private Optional<Condition> problem(ObjectMeta policy, TargetRef target) {
    ResourceKey key = new ResourceKey(target.kind(), policy.namespace(), target.name());
    return switch (target.kind()) {
      case "Service", "ServiceEntry" ->
          mesh.find(key)
              .map(found -> unbound(key, found))
              .orElseGet(() -> Optional.of(notFound(key)));
      case "Gateway" ->
          mesh.find(key)
              .map(found -> ofOthers((GatewayResource) found))
              .orElseGet(() -> Optional.of(notFound(key)));
      case "GatewayClass" -> Optional.empty();
      default ->
          Optional.of(
              Say.no(
                  Say.WAYPOINT_BOUND,
                  "TargetNotFound",
                  "%s is no target: name a Gateway, Service or ServiceEntry"
                      .formatted(key.kind())));
    };
  }

  private Optional<Condition> unbound(ResourceKey key, Resource found) {
    Optional<Binding> binding =
        found instanceof ServiceEntryResource entry
            ? mesh.bindings().ofServiceEntry(entry.metadata(), entry.hosts())
            : mesh.bindings().ofService(found.metadata());
    if (binding.filter(Binding::holds).isPresent()) {
      return Optional.empty();
    }
    String why =
        binding
            .flatMap(Binding::problem)
            .orElse(
                "it uses no waypoint, so nobody enforces the policy: label it, or its namespace,"
                    + " culvert.dev/use-waypoint");
    return Optional.of(
        Say.no(Say.WAYPOINT_BOUND, "AncestorNotBound", "%s: %s".formatted(key, why)));
  }

  private static Optional<Condition> ofOthers(GatewayResource gateway) {
    return Controllers.isOurs(gateway)
        ? Optional.empty()
        : Optional.of(
            Say.no(
                Say.WAYPOINT_BOUND,
                "TargetNotFound",
                "%s is of class %s, which is not Culvert's: name another"
                    .formatted(gateway.key(), gateway.className())));
  }

  private static Condition notFound(ResourceKey key) {
    return Say.no(
        Say.WAYPOINT_BOUND,
        "TargetNotFound",
        "there is no %s: apply it, or correct targetRefs".formatted(key));
  }
}

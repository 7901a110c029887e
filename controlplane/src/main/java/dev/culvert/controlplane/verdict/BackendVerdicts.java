// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.controlplane.status.Condition;
import dev.culvert.policy.resource.HttpRouteFilter;
import dev.culvert.policy.resource.HttpRouteResource;
import dev.culvert.policy.resource.HttpRouteResource.BackendRef;
import dev.culvert.policy.resource.HttpRouteResource.ParentRef;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.RouteResource;
import dev.culvert.policy.resource.StreamRouteResource;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** Whether what a route sends requests to is there, and may be named by it. */
final class BackendVerdicts {
  private static final String GATEWAY_API = "gateway.networking.k8s.io";

  private final MeshObjects mesh;

  BackendVerdicts(MeshObjects mesh) {
    this.mesh = mesh;
  }

  /**
   * The first that cannot be sent to decides.
   *
   * @param parent where it is attached: a service there may be named as where its requests go
   *     anyway (GEP-1426)
   */
  Condition of(RouteResource route, ParentRef parent) {
    List<List<BackendRef>> rules = rules(route);
    for (int i = 0; i < rules.size(); i++) {
      String rule = "rules[%d]".formatted(i);
      Optional<Condition> problem =
          rules.get(i).stream()
              .flatMap(one -> problem(route, rule, one, isOf(parent, one)).stream())
              .findFirst();
      if (problem.isPresent()) {
        return problem.get();
      }
    }
    return Say.yes(Say.RESOLVED_REFS, "ResolvedRefs", "all backends are there");
  }

  private static boolean isOf(ParentRef parent, BackendRef backend) {
    return parent.to().key().equals(backend.to().key())
        && (parent.port() == 0 || parent.port() == backend.port());
  }

  /** The services that a route sends to. */
  static Stream<ResourceKey> services(RouteResource route) {
    return rules(route).stream().flatMap(List::stream).map(one -> one.to().key());
  }

  /** Those of each rule. */
  private static List<List<BackendRef>> rules(RouteResource route) {
    return switch (route) {
      case HttpRouteResource requests ->
          requests.rules().stream().map(BackendVerdicts::backends).toList();
      case StreamRouteResource streams ->
          streams.rules().stream().map(StreamRouteResource.Rule::backends).toList();
    };
  }

  private static List<BackendRef> backends(HttpRouteResource.Rule rule) {
    Stream<BackendRef> mirrors =
        rule.changes().stream()
            .filter(HttpRouteFilter.Mirror.class::isInstance)
            .map(filter -> ((HttpRouteFilter.Mirror) filter).to());
    return Stream.concat(rule.backends().stream(), mirrors).toList();
  }

  private static String loss(RouteResource route) {
    return route instanceof StreamRouteResource
        ? "its connections are refused"
        : "its requests get 500";
  }

  private Optional<Condition> problem(
      RouteResource route, String rule, BackendRef backend, boolean free) {
    String namespace = backend.to().namespace();
    String name = backend.to().name();
    String own = route.metadata().namespace();
    if (!backend.isService()) {
      return Optional.of(
          Say.no(
              Say.RESOLVED_REFS,
              "InvalidKind",
              "%s: a %s cannot be a backend; %s: name a Service"
                  .formatted(rule, backend.to().kind(), loss(route))));
    }
    if (!free && !mesh.permits(GATEWAY_API, route.kind(), own, backend.to())) {
      return Optional.of(
          Say.no(
              Say.RESOLVED_REFS,
              "RefNotPermitted",
              "%s: no ReferenceGrant of namespace %s lets a %s of %s name Service %s; %s until one does"
                  .formatted(rule, namespace, route.kind(), own, name, loss(route))));
    }
    boolean found =
        mesh.service(namespace, name)
            .filter(
                service -> service.ports().stream().anyMatch(one -> one.port() == backend.port()))
            .isPresent();
    return found
        ? Optional.empty()
        : Optional.of(
            Say.no(
                Say.RESOLVED_REFS,
                "BackendNotFound",
                "%s: there is no Service %s/%s with port %d; %s: apply it, or correct backendRefs"
                    .formatted(rule, namespace, name, backend.port(), loss(route))));
  }
}

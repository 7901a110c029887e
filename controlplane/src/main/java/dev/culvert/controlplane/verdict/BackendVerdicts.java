// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.controlplane.status.Condition;
import dev.culvert.policy.mesh.BackendSpeech;
import dev.culvert.policy.resource.HttpRouteResource;
import dev.culvert.policy.resource.HttpRouteResource.BackendRef;
import dev.culvert.policy.resource.HttpRouteResource.ParentRef;
import dev.culvert.policy.resource.ObjectRef;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.RouteResource;
import dev.culvert.policy.resource.ServicePort;
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
          requests.rules().stream().map(rule -> rule.named().toList()).toList();
      case StreamRouteResource streams ->
          streams.rules().stream().map(StreamRouteResource.Rule::backends).toList();
    };
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
    Optional<ServicePort> port =
        mesh.service(namespace, name).flatMap(service -> service.port(backend.port()));
    if (port.isEmpty()) {
      return Optional.of(
          Say.no(
              Say.RESOLVED_REFS,
              "BackendNotFound",
              "%s: there is no Service %s/%s with port %d; %s: apply it, or correct backendRefs"
                  .formatted(rule, namespace, name, backend.port(), loss(route))));
    }
    return unsupported(route, backend, port.get())
        .map(
            problem ->
                Say.no(
                    Say.RESOLVED_REFS,
                    "UnsupportedProtocol",
                    "%s: Service %s/%s, port %d: %s; %s until then"
                        .formatted(rule, namespace, name, backend.port(), problem, loss(route))));
  }

  /** Why what is spoken at the port is nothing for the route, if it is not (GEP-1911). */
  private Optional<String> unsupported(RouteResource route, BackendRef backend, ServicePort port) {
    if (BackendSpeech.of(port, false).takes(route.kind())) {
      return Optional.empty();
    }
    BackendSpeech speech = BackendSpeech.of(port, isInTls(backend.to(), port));
    return speech.takes(route.kind())
        ? Optional.empty()
        : Optional.of(speech.problem(route.kind()));
  }

  private boolean isInTls(ObjectRef service, ServicePort port) {
    return mesh.backendTlsPolicies().stream()
        .filter(policy -> policy.metadata().namespace().equals(service.namespace()))
        .anyMatch(policy -> policy.isFor(service.name(), port));
  }
}

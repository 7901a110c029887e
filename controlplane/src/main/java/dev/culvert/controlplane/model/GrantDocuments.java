// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.policy.mesh.FrontDoor;
import dev.culvert.policy.resource.HttpRouteResource;
import dev.culvert.policy.resource.HttpRouteResource.BackendRef;
import dev.culvert.policy.resource.ReferenceGrantResource;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.StreamRouteResource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** ReferenceGrants, each told to those that have something which it lets name something. */
final class GrantDocuments {
  private static final String GATEWAY_API = "gateway.networking.k8s.io";

  private final Map<String, List<ToldDocument>> byNamespace = new HashMap<>();
  private final List<ReferenceGrantResource> all = new ArrayList<>();

  GrantDocuments(Collection<ToldDocument> documents) {
    for (ToldDocument told : documents) {
      if (told.resource() instanceof ReferenceGrantResource grant) {
        all.add(grant);
        byNamespace.computeIfAbsent(grant.metadata().namespace(), _ -> new ArrayList<>()).add(told);
      }
    }
  }

  List<ReferenceGrantResource> all() {
    return all;
  }

  /** Those by which the routes of a scope name backends. */
  void addToRoutes(GatewayScope scope) {
    scope.routes().forEach(route -> granting(route).forEach(scope::add));
  }

  /** Those by which a front door, or a set of its listeners, names certificates. */
  void addToDoor(FrontDoor door, GatewayScope scope) {
    byNamespace.keySet().stream()
        .flatMap(namespace -> in(namespace, door::needs))
        .forEach(scope::add);
  }

  private Stream<ToldDocument> granting(Resource route) {
    String own = route.metadata().namespace();
    return backends(route)
        .filter(backend -> !backend.to().namespace().equals(own))
        .flatMap(
            backend ->
                in(
                    backend.to().namespace(),
                    grant -> grant.allows(GATEWAY_API, route.kind(), own, backend.to())));
  }

  private Stream<ToldDocument> in(String namespace, Predicate<ReferenceGrantResource> which) {
    return byNamespace.getOrDefault(namespace, List.of()).stream()
        .filter(
            told -> told.resource() instanceof ReferenceGrantResource grant && which.test(grant));
  }

  /** What the rules of a route send to, copies of requests among it. */
  static Stream<BackendRef> backends(Resource route) {
    return switch (route) {
      case HttpRouteResource http -> http.rules().stream().flatMap(HttpRouteResource.Rule::named);
      case StreamRouteResource stream ->
          stream.rules().stream().flatMap(rule -> rule.backends().stream());
      default -> Stream.empty();
    };
  }
}

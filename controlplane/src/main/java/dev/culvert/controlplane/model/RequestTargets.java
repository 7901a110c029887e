// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.policy.resource.AuthorizationPolicy;
import dev.culvert.policy.resource.BackendTlsPolicyResource;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.HttpRouteResource.ParentRef;
import dev.culvert.policy.resource.ListenerSetResource;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.RequestAuthentication;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.RouteResource;
import dev.culvert.policy.resource.TargetRef;
import dev.culvert.policy.resource.TrafficPolicy;
import dev.culvert.policy.wire.waypoint.Target;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What routes and policies of requests say that they are for. */
final class RequestTargets {
  /** The place of policies that name nothing: all of a namespace, or a Gateway by a selector. */
  static final String NAMESPACE = "Namespace";

  private RequestTargets() {}

  /** Those of a resource; none for one that is for others to look at, or for pods. */
  static List<Target> of(Resource resource) {
    ObjectMeta metadata = resource.metadata();
    return switch (resource) {
      case GatewayResource gateway ->
          List.of(target(gateway.kind(), metadata.namespace(), metadata.name()));
      case ListenerSetResource set ->
          List.of(target(set.gateway().kind(), set.gateway().namespace(), set.gateway().name()));
      case RouteResource route -> parents(route.parents()).toList();
      case AuthorizationPolicy policy -> targets(policy.targetRefs(), metadata);
      case RequestAuthentication policy -> targets(policy.targetRefs(), metadata);
      case TrafficPolicy policy -> targets(policy.targetRefs(), metadata);
      case BackendTlsPolicyResource policy ->
          policy.targets().stream()
              .map(one -> target("Service", metadata.namespace(), one.service().name()))
              .distinct()
              .toList();
      default -> List.of();
    };
  }

  /**
   * Where they count beside what they name: front doors are what a namespace's policies are for.
   */
  static List<Target> places(Resource resource) {
    return switch (resource) {
      case AuthorizationPolicy policy when policy.targetRefs().isEmpty() ->
          selected(policy.selector(), policy.metadata());
      case RequestAuthentication policy when policy.targetRefs().isEmpty() ->
          selected(policy.selector(), policy.metadata());
      // Naming a Gateway does not make its listeners that Gateway's.
      case ListenerSetResource _ -> List.of();
      default -> of(resource);
    };
  }

  private static Stream<Target> parents(List<ParentRef> parents) {
    return parents.stream()
        .map(ParentRef::to)
        .map(to -> target(to.kind(), to.namespace(), to.name()))
        .distinct();
  }

  private static List<Target> selected(Map<String, String> selector, ObjectMeta metadata) {
    String gateway = selector.get(GatewayResource.NAME_LABEL);
    if (gateway == null && !selector.isEmpty()) {
      return List.of();
    }
    return List.of(target(NAMESPACE, metadata.namespace(), gateway == null ? "" : gateway));
  }

  private static List<Target> targets(List<TargetRef> refs, ObjectMeta metadata) {
    return refs.stream()
        .map(ref -> target(ref.kind(), metadata.namespace(), ref.name()))
        .distinct()
        .toList();
  }

  private static Target target(String kind, String namespace, String name) {
    return Target.newBuilder().setKind(kind).setNamespace(namespace).setName(name).build();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.model;

import dev.culvert.policy.resource.AuthorizationPolicy;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.HttpRouteResource;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.RequestAuthentication;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.TargetRef;
import dev.culvert.policy.resource.TrafficPolicy;
import dev.culvert.policy.wire.waypoint.Target;
import java.util.List;

/** What routes and policies of requests say that they are for. */
final class RequestTargets {
  private RequestTargets() {}

  /** Those of a resource; none for one that is for others to look at, or for pods. */
  static List<Target> of(Resource resource) {
    ObjectMeta metadata = resource.metadata();
    return switch (resource) {
      case GatewayResource gateway ->
          List.of(target(gateway.kind(), metadata.namespace(), metadata.name()));
      case HttpRouteResource route ->
          route.parents().stream()
              .map(
                  parent -> target(parent.to().kind(), parent.to().namespace(), parent.to().name()))
              .distinct()
              .toList();
      case AuthorizationPolicy policy -> targets(policy.targetRefs(), metadata);
      case RequestAuthentication policy -> targets(policy.targetRefs(), metadata);
      case TrafficPolicy policy -> targets(policy.targetRefs(), metadata);
      default -> List.of();
    };
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

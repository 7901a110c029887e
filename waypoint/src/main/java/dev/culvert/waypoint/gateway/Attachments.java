// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.HttpRouteResource.ParentRef;
import dev.culvert.policy.resource.ListenerSetResource;
import dev.culvert.policy.resource.NamespaceResource;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.Resources;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Which routes are for which listeners (Gateway API, ParentReference and AllowedRoutes). */
final class Attachments {
  private final Resources files;
  private final List<String> problems;

  /**
   * @param problems to which what may not be is added
   */
  Attachments(Resources files, List<String> problems) {
    this.files = files;
    this.problems = problems;
  }

  /** Whether a route is for a listener, and may be. */
  boolean attaches(Resource route, List<ParentRef> parents, Bound bound) {
    boolean named = parents.stream().anyMatch(parent -> names(parent, bound));
    if (named && !isAllowed(route, bound)) {
      problems.add(
          "%s %s/%s: listener %s does not allow routes of its namespace or kind"
              .formatted(
                  route.kind(),
                  route.metadata().namespace(),
                  route.metadata().name(),
                  bound.name()));
      return false;
    }
    return named;
  }

  private static boolean names(ParentRef parent, Bound bound) {
    ObjectMeta owner = bound.owner().metadata();
    return parent.to().kind().equals(bound.owner().kind())
        && parent.to().name().equals(owner.name())
        && parent.to().namespace().equals(owner.namespace())
        && (parent.section().isEmpty() || parent.section().equals(bound.listener().name()))
        && (parent.port() == 0 || parent.port() == bound.listener().port());
  }

  private boolean isAllowed(Resource route, Bound bound) {
    var allowed = bound.listener().allowedRoutes();
    boolean kind =
        allowed.kinds().isEmpty()
            || allowed.kinds().stream().anyMatch(one -> one.kind().equals(route.kind()));
    return kind
        && allowed.allows(
            namespace(route.metadata().namespace()), bound.owner().metadata().namespace());
  }

  /** The sets of listeners that are a Gateway's, the oldest first (Gateway API, ListenerSet). */
  List<ListenerSetResource> sets(GatewayResource gateway) {
    return files
        .resources(ListenerSetResource.class)
        .filter(set -> isOf(set, gateway) && mayAdd(set, gateway))
        .sorted(
            Comparator.comparing(
                    (ListenerSetResource set) ->
                        set.metadata().creationTimestamp().orElse(Instant.EPOCH))
                .thenComparing(set -> set.metadata().namespace())
                .thenComparing(set -> set.metadata().name()))
        .toList();
  }

  private static boolean isOf(ListenerSetResource set, GatewayResource gateway) {
    return set.gateway().kind().equals(gateway.kind())
        && set.gateway().name().equals(gateway.metadata().name())
        && set.gateway().namespace().equals(gateway.metadata().namespace());
  }

  private boolean mayAdd(ListenerSetResource set, GatewayResource gateway) {
    boolean allowed =
        gateway
            .allowedListeners()
            .filter(
                one ->
                    one.allows(
                        namespace(set.metadata().namespace()), gateway.metadata().namespace()))
            .isPresent();
    if (!allowed) {
      problems.add(
          "%s: %s does not allow listeners of its namespace; see spec.allowedListeners"
              .formatted(set.key(), gateway.key()));
    }
    return allowed;
  }

  /** One that is not written has no labels but its name. */
  private NamespaceResource namespace(String name) {
    return files
        .resources(NamespaceResource.class)
        .filter(one -> one.metadata().name().equals(name))
        .findFirst()
        .orElseGet(
            () ->
                new NamespaceResource(
                    new ObjectMeta(
                        "",
                        name,
                        name,
                        Map.of("kubernetes.io/metadata.name", name),
                        Map.of(),
                        Optional.empty())));
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.policy.mesh.ListenerSets;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.HttpRouteResource.ParentRef;
import dev.culvert.policy.resource.ListenerSetResource;
import dev.culvert.policy.resource.NamespaceResource;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.ResourceKey;
import dev.culvert.policy.resource.Resources;
import dev.culvert.policy.resource.RouteResource;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/** Which routes are for which listeners (Gateway API, ParentReference and AllowedRoutes). */
final class Attachments {
  private final Resources files;
  private final List<String> problems;
  private final Map<Class<?>, Map<ResourceKey, List<RouteResource>>> byParent = new HashMap<>();

  /**
   * @param problems to which what may not be is added
   */
  Attachments(Resources files, List<String> problems) {
    this.files = files;
    this.problems = problems;
  }

  /**
   * The routes of a type that are for a listener, and may be.
   *
   * @param which of them are looked at
   */
  <T extends RouteResource> Stream<T> of(Class<T> type, Predicate<T> which, Bound bound) {
    return byParent
        .computeIfAbsent(type, _ -> byParent(type))
        .getOrDefault(bound.owner().key(), List.of())
        .stream()
        .map(type::cast)
        .filter(which)
        .filter(route -> attaches(route, bound));
  }

  private Map<ResourceKey, List<RouteResource>> byParent(Class<? extends RouteResource> type) {
    Map<ResourceKey, List<RouteResource>> found = new HashMap<>();
    files
        .resources(type)
        .forEach(
            route ->
                route.parents().stream()
                    .map(parent -> parent.to().key())
                    .distinct()
                    .forEach(key -> found.computeIfAbsent(key, _ -> new ArrayList<>()).add(route)));
    return found;
  }

  private boolean attaches(RouteResource route, Bound bound) {
    boolean named = route.parents().stream().anyMatch(parent -> names(parent, bound));
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
    return parent.to().key().equals(bound.owner().key())
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
    ListenerSets allowed = new ListenerSets(this::namespace);
    files
        .resources(ListenerSetResource.class)
        .filter(set -> ListenerSets.isOf(set, gateway) && !allowed.isAllowed(set, gateway))
        .forEach(
            set ->
                problems.add(
                    "%s: %s does not allow listeners of its namespace; see spec.allowedListeners"
                        .formatted(set.key(), gateway.key())));
    return allowed.of(gateway, files.resources(ListenerSetResource.class)).sets();
  }

  private NamespaceResource namespace(String name) {
    return files
        .find(NamespaceResource.class, "", name)
        .orElseGet(() -> NamespaceResource.unwritten(name));
  }
}

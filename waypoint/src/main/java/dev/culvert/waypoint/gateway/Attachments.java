// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.gateway;

import dev.culvert.policy.mesh.ListenerSets;
import dev.culvert.policy.resource.GatewayResource;
import dev.culvert.policy.resource.HttpRouteResource.ParentRef;
import dev.culvert.policy.resource.ListenerSetResource;
import dev.culvert.policy.resource.NamespaceResource;
import dev.culvert.policy.resource.ObjectMeta;
import dev.culvert.policy.resource.Resource;
import dev.culvert.policy.resource.Resources;
import java.util.List;

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
        .resources(NamespaceResource.class)
        .filter(one -> one.metadata().name().equals(name))
        .findFirst()
        .orElseGet(() -> NamespaceResource.unwritten(name));
  }
}

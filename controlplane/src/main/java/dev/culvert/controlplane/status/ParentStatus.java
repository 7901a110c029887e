// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.status;

import java.util.List;
import java.util.Map;

/**
 * What one of our controllers says of a route and one of its parents, or of a policy and one of its
 * ancestors (Gateway API, RouteParentStatus, PolicyAncestorStatus). An entry belongs to the
 * controller that it names.
 *
 * @param parentRef as the route writes it, or the ancestor
 */
public record ParentStatus(
    Map<String, Object> parentRef, String controller, List<Condition> conditions) {
  public ParentStatus {
    conditions = List.copyOf(conditions);
  }

  boolean isOf(Object entry, String ref) {
    return entry instanceof Map<?, ?> map
        && controller.equals(map.get("controllerName"))
        && Json.same(parentRef, map.get(ref));
  }
}

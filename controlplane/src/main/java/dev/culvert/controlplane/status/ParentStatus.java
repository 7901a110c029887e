// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.status;

import java.util.List;
import java.util.Map;

/**
 * What one of our controllers says of a route and one of its parents (Gateway API,
 * RouteParentStatus). An entry belongs to the controller that it names.
 *
 * @param parentRef as the route writes it
 */
public record ParentStatus(
    Map<String, Object> parentRef, String controller, List<Condition> conditions) {
  public ParentStatus {
    conditions = List.copyOf(conditions);
  }

  boolean isOf(Object entry) {
    return entry instanceof Map<?, ?> map
        && controller.equals(map.get("controllerName"))
        && Json.same(parentRef, map.get("parentRef"));
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.route;

import dev.culvert.policy.resource.RouteResource;

/** What rules are called in logs and problems. */
final class RuleNames {
  private RuleNames() {}

  /** By its route, and its own name or its number. */
  static String of(RouteResource route, String own, int number) {
    return "%s/%s/%s"
        .formatted(
            route.metadata().namespace(),
            route.metadata().name(),
            own.isEmpty() ? Integer.toString(number) : own);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.policy.resource.GatewayResource;

/** The names of our controllers, as GatewayClasses and the status of routes have them. */
final class Controllers {
  static final String WAYPOINTS = "culvert.dev/waypoint-controller";
  static final String GATEWAYS = "culvert.dev/gateway-controller";

  /** Of routes that are attached to services. */
  static final String MESH = "culvert.dev/mesh-controller";

  private static final String WAYPOINT_CLASS = "culvert-waypoint";
  private static final String GATEWAY_CLASS = "culvert-gateway";

  private Controllers() {}

  static boolean isOurs(GatewayResource gateway) {
    return isOurs(gateway.className());
  }

  /** Whether a GatewayClass of this name is ours. */
  static boolean isOurs(String className) {
    return className.equals(WAYPOINT_CLASS) || className.equals(GATEWAY_CLASS);
  }

  /** Whether it is a waypoint of ours. */
  static boolean isWaypoint(GatewayResource gateway) {
    return gateway.className().equals(WAYPOINT_CLASS);
  }

  /** Whether it is a front door of ours. */
  static boolean isDoor(GatewayResource gateway) {
    return gateway.className().equals(GATEWAY_CLASS);
  }

  static String of(GatewayResource gateway) {
    return isWaypoint(gateway) ? WAYPOINTS : GATEWAYS;
  }
}

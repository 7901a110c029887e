// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.mesh;

import dev.culvert.policy.resource.GatewayResource;
import java.util.List;
import java.util.Optional;

/** Which connections a waypoint is for: by what they were opened to. */
public enum WaypointScope {
  /** The address of a service. */
  SERVICE,
  /** The address of a pod. */
  WORKLOAD,
  ALL,
  NONE;

  /** The label of a Gateway that says so, ours before Istio's. */
  public static final List<String> LABELS = MeshLabels.both("waypoint-for");

  private static final String CLASS_END = "waypoint";

  /** Whether the class of a Gateway is one of waypoints, ours or somebody else's. */
  public static boolean isWaypoint(GatewayResource gateway) {
    return gateway.className().endsWith(CLASS_END);
  }

  /**
   * What the waypoint is for; services when it does not say.
   *
   * @return {@code ALL} for a word that is not known, so that no connection goes around it
   */
  public static WaypointScope of(GatewayResource waypoint) {
    return known(waypoint).orElse(ALL);
  }

  /** What the waypoint is for, empty for a word that is not known. */
  public static Optional<WaypointScope> known(GatewayResource waypoint) {
    return switch (MeshLabels.first(waypoint.metadata(), LABELS).orElse("service")) {
      case "service" -> Optional.of(SERVICE);
      case "workload" -> Optional.of(WORKLOAD);
      case "all" -> Optional.of(ALL);
      case "none" -> Optional.of(NONE);
      default -> Optional.empty();
    };
  }

  /** Whether it is for connections to services. */
  public boolean takesServices() {
    return this == SERVICE || this == ALL;
  }

  /** Whether it is for connections to pods. */
  public boolean takesWorkloads() {
    return this == WORKLOAD || this == ALL;
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.mesh;

import dev.culvert.policy.resource.ObjectMeta;
import java.util.List;
import java.util.Optional;

/**
 * What the labels of a namespace, service or workload say of its waypoint, ours before Istio's.
 *
 * @param waypoint empty where the labels want none
 */
public record WaypointUse(Optional<WaypointName> waypoint) {
  /** Names the waypoint, or {@code none}. */
  public static final List<String> USE = MeshLabels.both("use-waypoint");

  /** Where it is, if not in the own namespace. */
  public static final List<String> USE_NAMESPACE = MeshLabels.both("use-waypoint-namespace");

  /** Names a second one that takes a share of the connections to a service. */
  public static final List<String> CANARY = MeshLabels.both("use-waypoint-canary");

  /** Where that is, if not in the own namespace. */
  public static final List<String> CANARY_NAMESPACE =
      MeshLabels.both("use-waypoint-canary-namespace");

  /** The annotation with its share, 0 to 100. */
  public static final List<String> CANARY_WEIGHT = MeshLabels.both("use-waypoint-canary-weight");

  private static final String NONE = "none";

  /**
   * What the labels say.
   *
   * @param namespace what the labels are in; for a namespace, itself
   * @return empty when they say nothing of it
   */
  public static Optional<WaypointUse> of(ObjectMeta metadata, String namespace) {
    return MeshLabels.first(metadata, USE)
        .map(
            name ->
                name.equals(NONE)
                    ? new WaypointUse(Optional.empty())
                    : new WaypointUse(
                        Optional.of(
                            new WaypointName(
                                MeshLabels.first(metadata, USE_NAMESPACE).orElse(namespace),
                                name))));
  }

  /** The second waypoint that the labels name. */
  public static Optional<WaypointName> canary(ObjectMeta metadata, String namespace) {
    return MeshLabels.first(metadata, CANARY)
        .map(
            name ->
                new WaypointName(
                    MeshLabels.first(metadata, CANARY_NAMESPACE).orElse(namespace), name));
  }

  /** The share of the second waypoint as it is written. */
  public static Optional<String> canaryWeight(ObjectMeta metadata) {
    return CANARY_WEIGHT.stream().flatMap(key -> metadata.annotation(key).stream()).findFirst();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.mesh;

/** Names a waypoint: the Gateway that it is. */
public record WaypointName(String namespace, String name) {
  /** {@code NAMESPACE/NAME}. */
  @Override
  public String toString() {
    return namespace + "/" + name;
  }
}

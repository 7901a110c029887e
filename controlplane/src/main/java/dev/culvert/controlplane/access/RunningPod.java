// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.access;

import dev.culvert.policy.mesh.WaypointName;
import java.util.Optional;

/**
 * A pod that is scheduled and has not ended.
 *
 * @param uid tells it from an earlier one of its name; may be empty in a folder
 * @param account its ServiceAccount
 * @param waypoint the Gateway that it is an instance of, if that is a waypoint
 */
public record RunningPod(
    String uid, String node, String account, Optional<WaypointName> waypoint) {}

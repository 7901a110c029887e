// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.policy.mesh.WaypointName;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.ztunnel.xds.MeshState;
import dev.culvert.ztunnel.xds.Workload;
import java.util.Optional;

/**
 * Who this process is in the mesh.
 *
 * @param waypoint the Gateway that it is an instance of
 * @param className of that Gateway
 * @param pod its own pod, of the Gateway's namespace
 * @param identity what it proves to be
 */
record Self(WaypointName waypoint, String className, String pod, SpiffeId identity) {

  /** Its own workload; empty until the control plane told of it. */
  Optional<Workload> workload(MeshState mesh) {
    return mesh.workload(waypoint.namespace(), pod);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.policy.mesh.WaypointName;
import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.policy.translate.MeshPolicies;
import dev.culvert.ztunnel.xds.MeshState;
import dev.culvert.ztunnel.xds.Workload;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Who this process is in the mesh.
 *
 * @param waypoint the Gateway that it is an instance of
 * @param className of that Gateway
 * @param pod its own pod, of the Gateway's namespace
 * @param identity what it proves to be
 * @param rootNamespaces where policies can be for its class
 */
record Self(
    WaypointName waypoint,
    String className,
    String pod,
    SpiffeId identity,
    List<String> rootNamespaces) {

  Self {
    rootNamespaces = List.copyOf(rootNamespaces);
  }

  /** One whose mesh has the root namespaces that are usual. */
  Self(WaypointName waypoint, String className, String pod, SpiffeId identity) {
    this(waypoint, className, pod, identity, MeshPolicies.ROOT_NAMESPACES);
  }

  /** What spans say of who tells them. */
  Map<String, String> resource() {
    return Map.of(
        "service.name",
        waypoint.name() + "." + waypoint.namespace(),
        "k8s.pod.name",
        pod,
        "k8s.namespace.name",
        waypoint.namespace());
  }

  /** Its own workload; empty until the control plane told of it. */
  Optional<Workload> workload(MeshState mesh) {
    return mesh.workload(waypoint.namespace(), pod);
  }
}

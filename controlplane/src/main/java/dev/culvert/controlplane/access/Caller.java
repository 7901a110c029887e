// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.access;

import dev.culvert.policy.mesh.WaypointName;

/** Who calls the control plane, by a token that proves it. */
public sealed interface Caller {
  /** A node's proxy, which speaks for the pods of its node. */
  record Node(String name) implements Caller {
    @Override
    public String toString() {
      return "node=" + name;
    }
  }

  /**
   * An instance of a waypoint, which speaks for itself.
   *
   * @param gateway that it is an instance of, in the pod's namespace
   * @param account the pod's ServiceAccount, in the same namespace
   */
  record Waypoint(WaypointName gateway, String pod, String account) implements Caller {
    @Override
    public String toString() {
      return "waypoint=%s pod=%s".formatted(gateway, pod);
    }
  }

  /**
   * The node whose workloads it must always know of; empty when it serves connections of others.
   */
  default String node() {
    return this instanceof Node(String name) ? name : "";
  }
}

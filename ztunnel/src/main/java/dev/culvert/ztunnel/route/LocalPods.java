// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.route;

import dev.culvert.ztunnel.transport.PodSockets;
import dev.culvert.ztunnel.xds.Workload;
import java.util.Optional;

/** The pods of this node that are in the mesh. Any thread. */
@FunctionalInterface
public interface LocalPods {
  /** The sockets of a workload's namespace, if it is a pod of this node and up. */
  Optional<PodSockets> sockets(Workload workload);
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.cni;

import java.net.InetAddress;
import java.nio.file.Path;
import java.util.List;

/**
 * The network of a pod as the container runtime made it.
 *
 * @param containerId of the pod's sandbox, not of a container that runs an app
 * @param uid empty when the runtime does not tell it
 * @param netns the file of the network namespace
 * @param ips what the plugins before this one assigned
 */
public record Sandbox(
    String containerId,
    String namespace,
    String pod,
    String uid,
    Path netns,
    List<InetAddress> ips) {
  public Sandbox {
    ips = List.copyOf(ips);
  }

  /** The pod, NAMESPACE/NAME. */
  public String title() {
    return namespace + "/" + pod;
  }
}

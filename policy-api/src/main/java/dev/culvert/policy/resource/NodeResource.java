// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.net.InetAddress;
import java.util.List;

/**
 * A machine.
 *
 * @param internalIps its addresses inside the cluster
 */
public record NodeResource(ObjectMeta metadata, List<InetAddress> internalIps) implements Resource {
  public NodeResource {
    internalIps = List.copyOf(internalIps);
  }

  @Override
  public String kind() {
    return "Node";
  }
}

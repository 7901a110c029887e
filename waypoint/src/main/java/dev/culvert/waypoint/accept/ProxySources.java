// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import dev.culvert.policy.authz.Cidr;
import dev.culvert.policy.authz.IpNumber;
import dev.culvert.policy.resource.IpBlock;
import java.net.InetAddress;
import java.util.List;

/**
 * The load balancers before a port, which are believed what they tell of their clients.
 *
 * @param blocks their addresses
 */
public record ProxySources(List<Cidr> blocks) {
  public ProxySources {
    blocks = List.copyOf(blocks);
  }

  /** Those of these addresses. */
  public static ProxySources of(List<IpBlock> blocks) {
    return new ProxySources(
        blocks.stream().map(one -> Cidr.of(one.address().getAddress(), one.prefix())).toList());
  }

  boolean contain(InetAddress address) {
    IpNumber number = IpNumber.of(address.getAddress());
    return blocks.stream().anyMatch(block -> block.contains(number));
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz.request;

import dev.culvert.policy.authz.Cidr;
import dev.culvert.policy.authz.IpNumber;
import dev.culvert.policy.resource.IpBlock;
import java.util.List;

/** Blocks of addresses. */
final class AddressBlocks {
  private final Cidr[] blocks;

  AddressBlocks(List<IpBlock> blocks) {
    this.blocks =
        blocks.stream()
            .map(block -> Cidr.of(block.address().getAddress(), block.prefix()))
            .toArray(Cidr[]::new);
  }

  boolean contain(IpNumber address) {
    for (Cidr block : blocks) {
      if (block.contains(address)) {
        return true;
      }
    }
    return false;
  }
}

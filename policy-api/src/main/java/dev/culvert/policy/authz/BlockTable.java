// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz;

import static java.util.stream.Collectors.groupingBy;

import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/** Positions by address block: of each size one sorted table, asked for the block of an address. */
final class BlockTable {
  private static final int[] EMPTY = {};

  private record Size(long maskHigh, long maskLow, boolean ipv4) {
    static Size of(Cidr block) {
      return new Size(block.maskHigh(), block.maskLow(), block.ipv4());
    }
  }

  private static final class SameSize {
    private final Size size;
    private final Cidr[] blocks;
    private final int[][] positions;

    SameSize(Size size, List<Cidr> unsorted, Map<Cidr, int[]> byBlock) {
      this.size = size;
      this.blocks =
          unsorted.stream()
              .sorted(Comparator.comparingLong(Cidr::high).thenComparingLong(Cidr::low))
              .toArray(Cidr[]::new);
      this.positions = Arrays.stream(blocks).map(byBlock::get).toArray(int[][]::new);
    }

    int[] get(IpNumber ip) {
      if (ip.isIpv4() != size.ipv4()) {
        return EMPTY;
      }
      int found = find(ip.high() & size.maskHigh(), ip.low() & size.maskLow());
      return found < 0 ? EMPTY : positions[found];
    }

    /** Binary search; that of {@link Arrays} would need a block made for it. */
    private int find(long high, long low) {
      int from = 0;
      int to = blocks.length - 1;
      while (from <= to) {
        int middle = (from + to) >>> 1;
        int order = Long.compare(blocks[middle].high(), high);
        order = order == 0 ? Long.compare(blocks[middle].low(), low) : order;
        if (order == 0) {
          return middle;
        }
        from = order < 0 ? middle + 1 : from;
        to = order < 0 ? to : middle - 1;
      }
      return -1;
    }
  }

  private final SameSize[] sizes;

  BlockTable(Map<Cidr, int[]> byBlock) {
    sizes =
        byBlock.keySet().stream().collect(groupingBy(Size::of)).entrySet().stream()
            .map(group -> new SameSize(group.getKey(), group.getValue(), byBlock))
            .toArray(SameSize[]::new);
  }

  /** How many sizes of block there are. */
  int sizes() {
    return sizes.length;
  }

  /** The positions of the block of that size which holds the address. */
  int[] get(int size, IpNumber ip) {
    return sizes[size].get(ip);
  }
}

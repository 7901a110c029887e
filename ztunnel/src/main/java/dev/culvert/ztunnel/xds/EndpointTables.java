// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.xds;

import dev.culvert.ztunnel.xds.EndpointSet.Purpose;
import java.util.Arrays;

/**
 * What clients of one place draw from, by port and families: sorted numbers instead of a map, so
 * that asking makes no key. Any thread.
 */
final class EndpointTables {
  private static final class Sorted {
    private final int[] keys;
    private final WeightedTable[] tables;

    Sorted(int[] keys, WeightedTable[] tables) {
      this.keys = keys;
      this.tables = tables;
    }
  }

  private volatile Sorted sorted = new Sorted(new int[0], new WeightedTable[0]);

  /**
   * @param families of the client's addresses, as {@link EndpointSet#families}
   */
  static int key(int port, Purpose purpose, int families, boolean askedV4) {
    return port << 5 | purpose.code() << 3 | families << 1 | (askedV4 ? 1 : 0);
  }

  /** The table, or null. */
  WeightedTable get(int key) {
    Sorted now = sorted;
    int at = Arrays.binarySearch(now.keys, key);
    return at < 0 ? null : now.tables[at];
  }

  /** Keeps a table, unless another thread was faster; the one that is kept. */
  synchronized WeightedTable put(int key, WeightedTable table) {
    Sorted now = sorted;
    int at = Arrays.binarySearch(now.keys, key);
    if (at >= 0) {
      return now.tables[at];
    }
    int place = -at - 1;
    int size = now.keys.length;
    int[] keys = Arrays.copyOf(now.keys, size + 1);
    WeightedTable[] tables = Arrays.copyOf(now.tables, size + 1);
    System.arraycopy(now.keys, place, keys, place + 1, size - place);
    System.arraycopy(now.tables, place, tables, place + 1, size - place);
    keys[place] = key;
    tables[place] = table;
    sorted = new Sorted(keys, tables);
    return table;
  }
}

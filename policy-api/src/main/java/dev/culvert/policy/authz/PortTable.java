// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.authz;

import java.util.Arrays;
import java.util.Map;

/** Positions by port; no boxes when asked. */
final class PortTable {
  private static final int[] EMPTY = {};

  private final int[] ports;
  private final int[][] positions;

  PortTable(Map<Integer, int[]> byPort) {
    ports = byPort.keySet().stream().mapToInt(Integer::intValue).sorted().toArray();
    positions = Arrays.stream(ports).mapToObj(byPort::get).toArray(int[][]::new);
  }

  int[] get(int port) {
    int found = Arrays.binarySearch(ports, port);
    return found < 0 ? EMPTY : positions[found];
  }
}

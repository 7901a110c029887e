// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.peers;

import dev.culvert.ztunnel.transport.Transport;
import java.util.Arrays;
import java.util.List;

/**
 * The transports to test over: all of the machine, or those of {@code culvert.tests.transports}.
 */
public final class Transports {
  private Transports() {}

  public static List<Transport> all() {
    String wanted = System.getProperty("culvert.tests.transports", "");
    return Transport.available().stream()
        .filter(
            one -> wanted.isEmpty() || Arrays.asList(wanted.split(",", -1)).contains(one.name()))
        .toList();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.controlplane.status.ListenerStatus;
import java.util.List;

/**
 * What the listeners of a Gateway are.
 *
 * @param controller who says so
 * @param programmed when the Gateway takes connections
 * @param listenerSets how many ListenerSets are accepted
 */
record GatewayVerdict(String controller, List<ListenerStatus> programmed, int listenerSets) {
  GatewayVerdict {
    programmed = List.copyOf(programmed);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.verdict;

import dev.culvert.controlplane.status.Condition;
import dev.culvert.controlplane.status.ListenerStatus;
import java.util.List;

/**
 * What a Gateway and its listeners are, beside what is made for it.
 *
 * @param controller who says so
 * @param conditions of the Gateway itself; those that do not hold and need not be told are left out
 * @param programmed when the Gateway takes connections
 * @param listenerSets how many ListenerSets are accepted
 */
record GatewayVerdict(
    String controller,
    List<Condition> conditions,
    List<ListenerStatus> programmed,
    int listenerSets) {
  GatewayVerdict {
    conditions = List.copyOf(conditions);
    programmed = List.copyOf(programmed);
  }
}

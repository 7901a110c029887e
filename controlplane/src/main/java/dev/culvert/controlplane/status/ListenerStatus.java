// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.status;

import java.util.List;

/**
 * What a listener of a Gateway is (Gateway API, ListenerStatus).
 *
 * @param kinds of routes that may attach, of the Gateway API's group
 * @param attached how many routes are attached
 */
public record ListenerStatus(
    String name, List<String> kinds, int attached, List<Condition> conditions) {
  public ListenerStatus {
    kinds = List.copyOf(kinds);
    conditions = List.copyOf(conditions);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.policy.spiffe.SpiffeId;
import java.util.Map;

/**
 * What becomes of connections to a port, which the routes of the client's own namespace decide if
 * it has any for the port.
 *
 * @param consumers by the namespace of their clients
 * @param others of all other clients
 */
record Carriages(Map<String, Carriage> consumers, Carriage others) {
  Carriages {
    consumers = Map.copyOf(consumers);
  }

  /** The same for every client. */
  Carriages(Carriage all) {
    this(Map.of(), all);
  }

  /** That of a client. */
  Carriage of(SpiffeId client) {
    return consumers.isEmpty()
        ? others
        : consumers.getOrDefault(client.namespace().orElse(""), others);
  }
}

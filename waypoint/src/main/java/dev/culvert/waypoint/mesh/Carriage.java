// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.waypoint.accept.ByServerName;
import dev.culvert.waypoint.plan.RoutePlan;

/** What becomes of a client's connection to a port. */
sealed interface Carriage {
  /** Its requests are looked at one by one. */
  record Requests() implements Carriage {}

  /** It is carried as it is. */
  record Bytes(RoutePlan plan) implements Carriage {}

  /** The same, by the server name that its TLS handshake asks for. */
  record Handshake(ByServerName<RoutePlan> plans) implements Carriage {}
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.waypoint.exchange.Chain;
import dev.culvert.waypoint.exchange.Exchanges;

/** A port, and what connections and requests to it go through now. Any thread. */
final class ServedPort {
  private final Asked asked;
  private final boolean bound;
  private final Exchanges exchanges;
  private volatile Carriages carriages;

  /**
   * @param bound whether it was this waypoint's when that was worked out
   */
  ServedPort(Asked asked, boolean bound, Chain chain, Carriages carriages) {
    this.asked = asked;
    this.bound = bound;
    this.exchanges = new Exchanges(chain);
    this.carriages = carriages;
  }

  /** What comes from now on goes through these. */
  void replace(Chain chain, Carriages next) {
    exchanges.replace(chain);
    carriages = next;
  }

  Asked asked() {
    return asked;
  }

  boolean wasBound() {
    return bound;
  }

  Exchanges exchanges() {
    return exchanges;
  }

  /** What becomes of a client's connection. */
  Carriage carriage(SpiffeId client) {
    return carriages.of(client);
  }
}

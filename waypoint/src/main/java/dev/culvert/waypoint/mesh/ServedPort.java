// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.mesh;

import dev.culvert.policy.spiffe.SpiffeId;
import dev.culvert.waypoint.exchange.Chain;
import dev.culvert.waypoint.exchange.Exchanges;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.kept.Kept;
import dev.culvert.waypoint.plan.Destination;
import java.util.function.Function;

/** A port, and what connections and requests to it go through now. Any thread. */
final class ServedPort {
  private final Asked asked;
  private final boolean bound;
  private final Kept kept;
  private final Function<Made, Chain> chain;
  private final Exchanges exchanges;
  private volatile Made made;

  /**
   * What it comes to.
   *
   * @param itself as telemetry tells of it
   * @param match finds the rule of a request, or refuses it
   */
  record Made(Destination itself, Phase match, Carriages carriages) {
    private boolean isSameForRequests(Made other) {
      return itself.equals(other.itself) && match.equals(other.match);
    }
  }

  /**
   * @param bound whether it was this waypoint's when that was worked out
   * @param kept of what it comes to
   * @param chain what requests go through
   */
  ServedPort(Asked asked, boolean bound, Kept kept, Made made, Function<Made, Chain> chain) {
    this.asked = asked;
    this.bound = bound;
    this.kept = kept;
    this.chain = chain;
    this.made = made;
    this.exchanges = new Exchanges(chain.apply(made));
  }

  /** What comes from now on goes by this. One thread at a time. */
  void replace(Made next) {
    if (!made.isSameForRequests(next)) {
      exchanges.replace(chain.apply(next));
    }
    made = next;
  }

  Asked asked() {
    return asked;
  }

  boolean wasBound() {
    return bound;
  }

  /** Of what it comes to: goes when it goes. */
  Kept kept() {
    return kept;
  }

  Exchanges exchanges() {
    return exchanges;
  }

  /** What becomes of a client's connection. */
  Carriage carriage(SpiffeId client) {
    return made.carriages().of(client);
  }
}

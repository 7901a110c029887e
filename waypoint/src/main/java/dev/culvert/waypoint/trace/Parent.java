// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.trace;

import dev.culvert.waypoint.exchange.Hop;
import java.util.Optional;

/**
 * Who sent a request, as its head says.
 *
 * @param high the first half of the trace's id
 * @param low its second half
 * @param span of the sender
 * @param sampled empty when the decision is left to us
 */
record Parent(long high, long low, long span, Optional<Boolean> sampled) {

  /**
   * By digits; empty when they are no ids.
   *
   * @param trace 32 of them
   * @param span 16 of them
   */
  static Optional<Parent> of(String trace, String span, Optional<Boolean> sampled) {
    if (!Ids.isHex(trace) || !Ids.isHex(span)) {
      return Optional.empty();
    }
    Parent parent =
        new Parent(Ids.read(trace, 0), Ids.read(trace, Ids.DIGITS), Ids.read(span, 0), sampled);
    return (parent.high | parent.low) == 0 || parent.span == 0
        ? Optional.empty()
        : Optional.of(parent);
  }

  /** The hop after it. */
  Hop next(boolean collected) {
    return new Hop(high, low, Ids.make(), span, collected);
  }
}

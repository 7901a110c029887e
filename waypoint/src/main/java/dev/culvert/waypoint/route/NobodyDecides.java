// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.route;

import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.exchange.LocalAnswer;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.http.ResponseFlag;

/**
 * Lets no request go on, since who decides does not exist, or may not be named.
 *
 * @param decider as it was named
 */
record NobodyDecides(String decider) implements Phase {
  private static final int SERVER_ERROR = 500;

  @Override
  public Step run(Exchange exchange) {
    exchange.answer(
        LocalAnswer.of(
            SERVER_ERROR,
            ResponseFlag.NO_CLUSTER,
            "who decides about the request cannot be asked: " + decider));
    return Step.ANSWERED;
  }
}

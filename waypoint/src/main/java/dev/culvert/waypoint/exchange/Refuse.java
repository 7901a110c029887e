// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.exchange;

import dev.culvert.waypoint.http.ResponseFlag;

/**
 * Lets no request go on, since what is for it cannot be read.
 *
 * @param problem as the client and the access log are told
 */
public record Refuse(String problem) implements Phase {
  private static final int UNAVAILABLE = 503;

  @Override
  public Step run(Exchange exchange) {
    exchange.answer(LocalAnswer.of(UNAVAILABLE, ResponseFlag.NO_ROUTE, problem));
    return Step.ANSWERED;
  }
}

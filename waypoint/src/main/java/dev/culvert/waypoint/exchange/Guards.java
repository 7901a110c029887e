// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.exchange;

/** Runs what decides, at the listener that took the request, whether it may go on. */
public final class Guards implements Phase {
  @Override
  public Step run(Exchange exchange) {
    for (Phase guard : exchange.guards()) {
      if (guard.run(exchange) == Step.ANSWERED) {
        return Step.ANSWERED;
      }
    }
    return Step.NEXT;
  }
}

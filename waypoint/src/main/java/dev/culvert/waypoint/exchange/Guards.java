// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.exchange;

/** Has what decides, at the listener that took the request, decide whether it may go on. */
public final class Guards implements Phase {
  @Override
  public Step run(Exchange exchange) {
    exchange.through(exchange.findings().guards());
    return Step.NEXT;
  }
}

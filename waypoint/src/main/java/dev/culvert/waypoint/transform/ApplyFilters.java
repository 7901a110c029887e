// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.transform;

import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.exchange.Phase;

/** Has the filters of the rule that took the request run, in their order. */
public final class ApplyFilters implements Phase {
  @Override
  public Step run(Exchange exchange) {
    exchange.through(exchange.findings().filters());
    return Step.NEXT;
  }
}

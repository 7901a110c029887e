// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.transform;

import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.exchange.Phase;
import java.util.List;

/** Runs the filters of the rule that took the request, in their order. */
public final class ApplyFilters implements Phase {
  @Override
  public Step run(Exchange exchange) {
    List<Phase> filters = exchange.filters();
    for (int i = 0; i < filters.size(); i++) {
      if (filters.get(i).run(exchange) == Step.ANSWERED) {
        return Step.ANSWERED;
      }
    }
    return Step.NEXT;
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.transform;

import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.plan.HeaderChange;

/** Changes header fields of the request, or of its response when that comes. */
record ChangeHeaders(HeaderChange change) implements Phase {
  @Override
  public Step run(Exchange exchange) {
    if (change.isOfResponse()) {
      exchange.onResponse(response -> change.apply(response.headers()));
    } else {
      change.apply(exchange.head().headers());
    }
    return Step.NEXT;
  }
}

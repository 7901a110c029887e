// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.transform;

import dev.culvert.policy.resource.HttpRouteFilter;
import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.exchange.Phase;
import io.netty.handler.codec.http.HttpHeaders;

/** Sets, adds and removes header fields (Gateway API, HTTPHeaderFilter). */
public final class HeaderChange implements Phase {
  private final HttpRouteFilter.Headers change;

  public HeaderChange(HttpRouteFilter.Headers change) {
    this.change = change;
  }

  /** Whether it is of responses. */
  public boolean isOfResponse() {
    return change.response();
  }

  @Override
  public Step run(Exchange exchange) {
    if (change.response()) {
      exchange.onResponse(response -> apply(response.headers()));
    } else {
      apply(exchange.head().headers());
    }
    return Step.NEXT;
  }

  /** Changes these fields. */
  public void apply(HttpHeaders headers) {
    change.remove().forEach(headers::remove);
    change.set().forEach(headers::set);
    change.add().forEach(headers::add);
  }
}

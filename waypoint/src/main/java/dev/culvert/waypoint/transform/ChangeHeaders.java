// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.transform;

import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.plan.HeaderChange;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import org.jspecify.annotations.Nullable;

/** Changes header fields of the request, or of its response when that comes. */
record ChangeHeaders(HeaderChange change) implements Filter {
  @Override
  public Step run(Exchange exchange) {
    if (change.isOfResponse()) {
      exchange.onResponse(response -> change.apply(response.headers()));
    } else {
      change.apply(exchange.head().headers());
    }
    return Step.NEXT;
  }

  @Override
  public boolean mayAnswer() {
    return false;
  }

  @Override
  public @Nullable Answer request(HttpRequest head, Client client) {
    if (!change.isOfResponse()) {
      change.apply(head.headers());
    }
    return null;
  }

  @Override
  public void response(HttpRequest asked, HttpResponse response) {
    if (change.isOfResponse()) {
      change.apply(response.headers());
    }
  }
}

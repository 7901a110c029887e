// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.transform;

import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.exchange.Phase;
import io.netty.handler.codec.http.HttpHeaderNames;
import java.util.Optional;

/** Sends a request on with another host or path (Gateway API, HTTPURLRewriteFilter). */
final class Rewrite implements Phase {
  private final Optional<String> hostname;
  private final Optional<NewPath> path;

  Rewrite(Optional<String> hostname, Optional<NewPath> path) {
    this.hostname = hostname;
    this.path = path;
  }

  @Override
  public Step run(Exchange exchange) {
    hostname.ifPresent(name -> exchange.head().headers().set(HttpHeaderNames.HOST, name));
    path.ifPresent(next -> exchange.head().setUri(next.of(exchange.head().uri())));
    return Step.NEXT;
  }
}

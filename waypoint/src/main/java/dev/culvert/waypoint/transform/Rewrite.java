// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.transform;

import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.exchange.Phase;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Sends a request on with another host or path (Gateway API, HTTPURLRewriteFilter). */
final class Rewrite implements Phase {
  private static final AsciiString FORWARDED_HOST = AsciiString.cached("x-forwarded-host");

  private final Optional<String> hostname;
  private final Optional<NewPath> path;

  Rewrite(Optional<String> hostname, Optional<NewPath> path) {
    this.hostname = hostname;
    this.path = path;
  }

  @Override
  public Step run(Exchange exchange) {
    hostname.ifPresent(name -> rewrite(exchange.head().headers(), name));
    path.ifPresent(next -> exchange.head().setUri(next.of(exchange.head().uri())));
    return Step.NEXT;
  }

  /** The app is told the host that was asked for, behind those that were told before. */
  private static void rewrite(HttpHeaders headers, String name) {
    String asked = headers.get(HttpHeaderNames.HOST);
    if (asked != null && !asked.equalsIgnoreCase(name)) {
      List<String> told = new ArrayList<>(headers.getAll(FORWARDED_HOST));
      told.add(asked);
      headers.set(FORWARDED_HOST, String.join(", ", told));
    }
    headers.set(HttpHeaderNames.HOST, name);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.transform;

import dev.culvert.waypoint.exchange.Exchange;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Sends a request on with another host or path (Gateway API, HTTPURLRewriteFilter). */
final class Rewrite implements Filter {
  private static final AsciiString FORWARDED_HOST = AsciiString.cached("x-forwarded-host");

  private final Optional<String> hostname;
  private final Optional<NewPath> path;

  Rewrite(Optional<String> hostname, Optional<NewPath> path) {
    this.hostname = hostname;
    this.path = path;
  }

  @Override
  public Step run(Exchange exchange) {
    rewrite(exchange.head());
    return Step.NEXT;
  }

  @Override
  public boolean mayAnswer() {
    return false;
  }

  @Override
  public @Nullable Answer request(HttpRequest head, Client client) {
    rewrite(head);
    return null;
  }

  @Override
  public void response(HttpRequest asked, HttpResponse response) {}

  private void rewrite(HttpRequest head) {
    hostname.ifPresent(name -> rewrite(head.headers(), name));
    path.ifPresent(next -> head.setUri(next.of(head.uri())));
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

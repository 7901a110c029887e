// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.transform;

import dev.culvert.policy.resource.HttpRouteFilter;
import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.exchange.LocalAnswer;
import dev.culvert.waypoint.exchange.Phase;
import dev.culvert.waypoint.http.ResponseFlag;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Optional;

/** Answers with another address (Gateway API, HTTPRequestRedirectFilter). */
final class Redirect implements Phase {
  private final HttpRouteFilter.Redirect redirect;
  private final Optional<NewPath> path;

  Redirect(HttpRouteFilter.Redirect redirect, Optional<NewPath> path) {
    this.redirect = redirect;
    this.path = path;
  }

  @Override
  public Step run(Exchange exchange) {
    HttpHeaders headers = new DefaultHttpHeaders();
    headers.set(HttpHeaderNames.LOCATION, location(exchange));
    exchange.answer(
        new LocalAnswer(redirect.status(), ResponseFlag.NONE, "redirected", headers, ""));
    return Step.ANSWERED;
  }

  private String location(Exchange exchange) {
    String own = exchange.connection().secure() ? "https" : "http";
    String scheme = redirect.scheme().orElse(own);
    String host = redirect.hostname().orElseGet(() -> host(exchange));
    int port = port(exchange);
    String uri = exchange.head().uri();
    boolean standard = port == (scheme.equals("https") ? 443 : 80);
    return "%s://%s%s%s"
        .formatted(scheme, host, standard ? "" : ":" + port, path.map(p -> p.of(uri)).orElse(uri));
  }

  /**
   * A new scheme has its own port; without one it is the listener's (HTTPRequestRedirectFilter).
   */
  private int port(Exchange exchange) {
    if (redirect.port().isPresent()) {
      return redirect.port().getAsInt();
    }
    return redirect
        .scheme()
        .map(scheme -> scheme.equals("https") ? 443 : 80)
        .orElseGet(() -> exchange.connection().local().getPort());
  }

  private static String host(Exchange exchange) {
    String authority = exchange.head().headers().get(HttpHeaderNames.HOST);
    int end = authority.startsWith("[") ? authority.indexOf(']') + 1 : authority.indexOf(':');
    return end > 0 ? authority.substring(0, end) : authority;
  }
}

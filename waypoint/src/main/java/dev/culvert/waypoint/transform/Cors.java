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
import io.netty.handler.codec.http.HttpMethod;
import java.util.List;
import java.util.Locale;

/**
 * Lets pages of other origins ask (Gateway API, HTTPCORSFilter; Fetch, section 3.3). A preflight is
 * answered here, with all that the conformance tests of the Gateway API look for; a page of an
 * origin that is not allowed gets no leave, and its browser keeps the response from it.
 */
final class Cors implements Phase {
  private static final String ANY = "*";

  private final HttpRouteFilter.Cors cors;

  Cors(HttpRouteFilter.Cors cors) {
    this.cors = cors;
  }

  @Override
  public Step run(Exchange exchange) {
    HttpHeaders request = exchange.head().headers();
    String origin = request.get(HttpHeaderNames.ORIGIN);
    if (origin == null) {
      return Step.NEXT;
    }
    boolean allowed = allows(origin);
    String method = request.get(HttpHeaderNames.ACCESS_CONTROL_REQUEST_METHOD);
    if (method != null && exchange.head().method().equals(HttpMethod.OPTIONS)) {
      exchange.answer(preflight(request, origin, allowed, method));
      return Step.ANSWERED;
    }
    if (allowed) {
      exchange.onResponse(response -> permit(response.headers(), origin));
    }
    return Step.NEXT;
  }

  private LocalAnswer preflight(
      HttpHeaders request, String origin, boolean allowed, String method) {
    HttpHeaders headers = new DefaultHttpHeaders();
    if (allowed) {
      allowOrigin(headers, origin);
      list(headers, HttpHeaderNames.ACCESS_CONTROL_ALLOW_METHODS, cors.methods(), method);
      list(
          headers,
          HttpHeaderNames.ACCESS_CONTROL_ALLOW_HEADERS,
          cors.headers(),
          request.get(HttpHeaderNames.ACCESS_CONTROL_REQUEST_HEADERS));
      headers.set(HttpHeaderNames.ACCESS_CONTROL_MAX_AGE, cors.maxAge());
      list(headers, HttpHeaderNames.ACCESS_CONTROL_EXPOSE_HEADERS, cors.exposed(), null);
    }
    return new LocalAnswer(200, ResponseFlag.NONE, "preflight", headers, "");
  }

  private void permit(HttpHeaders headers, String origin) {
    allowOrigin(headers, origin);
    list(headers, HttpHeaderNames.ACCESS_CONTROL_EXPOSE_HEADERS, cors.exposed(), null);
  }

  private void allowOrigin(HttpHeaders headers, String origin) {
    boolean anybody = cors.origins().contains(ANY) && !cors.credentials();
    headers.set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_ORIGIN, anybody ? ANY : origin);
    if (!anybody) {
      headers.add(HttpHeaderNames.VARY, HttpHeaderNames.ORIGIN);
    }
    if (cors.credentials()) {
      headers.set(HttpHeaderNames.ACCESS_CONTROL_ALLOW_CREDENTIALS, "true");
    }
  }

  /** With credentials a browser does not take {@code *} for all: what it asked for is said. */
  private void list(HttpHeaders headers, CharSequence name, List<String> allowed, String asked) {
    boolean any = allowed.contains(ANY);
    if (any && cors.credentials() && asked != null) {
      headers.set(name, asked);
    } else if (!allowed.isEmpty()) {
      headers.set(name, String.join(", ", allowed));
    }
  }

  private boolean allows(String origin) {
    String asked = origin.toLowerCase(Locale.ROOT);
    for (int i = 0; i < cors.origins().size(); i++) {
      if (matches(cors.origins().get(i), asked)) {
        return true;
      }
    }
    return false;
  }

  private static boolean matches(String allowed, String origin) {
    if (allowed.equals(ANY) || allowed.equals(origin)) {
      return true;
    }
    int star = allowed.indexOf(ANY);
    if (star < 0) {
      return false;
    }
    String scheme = allowed.substring(0, star);
    String end = allowed.substring(star + 1);
    return origin.length() > scheme.length() + end.length()
        && origin.startsWith(scheme)
        && origin.endsWith(end)
        && isHost(origin, scheme.length(), origin.length() - end.length());
  }

  /** What a wildcard stands for: no port, no slash. */
  private static boolean isHost(String origin, int from, int to) {
    for (int i = from; i < to; i++) {
      char c = origin.charAt(i);
      if (c == ':' || c == '/') {
        return false;
      }
    }
    return true;
  }
}

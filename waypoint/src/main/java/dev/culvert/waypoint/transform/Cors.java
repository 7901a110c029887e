// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.transform;

import dev.culvert.policy.resource.HttpRouteFilter;
import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.exchange.LocalAnswer;
import dev.culvert.waypoint.http.ResponseFlag;
import io.netty.handler.codec.http.DefaultHttpHeaders;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import io.netty.handler.codec.http.HttpResponse;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Lets pages of other origins ask (Gateway API, HTTPCORSFilter; Fetch, section 3.3). A preflight is
 * answered here, with all that the conformance tests of the Gateway API look for; a page of an
 * origin that is not allowed gets no leave, and its browser keeps the response from it.
 */
final class Cors implements Filter {
  private static final String ANY = "*";

  private final HttpRouteFilter.Cors cors;

  Cors(HttpRouteFilter.Cors cors) {
    this.cors = cors;
  }

  @Override
  public Step run(Exchange exchange) {
    HttpRequest head = exchange.head();
    if (!head.headers().contains(HttpHeaderNames.ORIGIN)) {
      return Step.NEXT;
    }
    Answer preflight = preflight(head);
    if (preflight != null) {
      exchange.answer(
          new LocalAnswer(
              preflight.status(), ResponseFlag.NONE, preflight.details(), preflight.headers(), ""));
      return Step.ANSWERED;
    }
    String origin = head.headers().get(HttpHeaderNames.ORIGIN);
    if (allows(origin)) {
      exchange.onResponse(response -> permit(response.headers(), origin));
    }
    return Step.NEXT;
  }

  @Override
  public boolean mayAnswer() {
    return true;
  }

  @Override
  public @Nullable Answer request(HttpRequest head, Client client) {
    return preflight(head);
  }

  /** Heads of interim responses are for the client, and not for its page. */
  @Override
  public void response(HttpRequest asked, HttpResponse response) {
    String origin = asked.headers().get(HttpHeaderNames.ORIGIN);
    if (origin != null && response.status().code() >= 200 && allows(origin)) {
      permit(response.headers(), origin);
    }
  }

  /** The answer to a preflight; null when it is none. */
  private @Nullable Answer preflight(HttpRequest head) {
    HttpHeaders request = head.headers();
    String origin = request.get(HttpHeaderNames.ORIGIN);
    String method = request.get(HttpHeaderNames.ACCESS_CONTROL_REQUEST_METHOD);
    if (origin == null || method == null || !head.method().equals(HttpMethod.OPTIONS)) {
      return null;
    }
    HttpHeaders headers = new DefaultHttpHeaders();
    if (allows(origin)) {
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
    return new Answer(200, "preflight", headers);
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

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.accept;

import dev.culvert.waypoint.http.HopByHop;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpMethod;
import io.netty.handler.codec.http.HttpRequest;
import java.util.List;

/**
 * Refuses heads that another server could read in another way, and brings the others in one form:
 * origin form, one host, a normal path.
 */
final class StrictHead {
  private static final int FIELDS_TOO_LARGE = 431;
  private static final int NOT_IMPLEMENTED = 501;

  private StrictHead() {}

  /** Checks a head of HTTP/1 and normalises it. */
  static void check(HttpRequest head, int maxHeaders) throws RejectedRequestException {
    HopByHop.stripNamed(head.headers());
    originForm(head);
    checkSemantics(head, maxHeaders);
  }

  /** Checks what all versions have in common, and normalises it. */
  static void checkSemantics(HttpRequest head, int maxHeaders) throws RejectedRequestException {
    if (head.headers().size() > maxHeaders) {
      throw new RejectedRequestException(
          FIELDS_TOO_LARGE, "more than %d header fields".formatted(maxHeaders));
    }
    List<String> hosts = head.headers().getAll(HttpHeaderNames.HOST);
    if (hosts.size() != 1) {
      throw new RejectedRequestException("a request names one host, this one " + hosts.size());
    }
    if (head.method().equals(HttpMethod.CONNECT)) {
      // What a backend makes of it, it would make of all that follows on its connection.
      throw new RejectedRequestException(NOT_IMPLEMENTED, "a tunnel, by method CONNECT");
    }
    String host = Authorities.normal(hosts.getFirst());
    if (!host.equals(hosts.getFirst())) {
      head.headers().set(HttpHeaderNames.HOST, host);
    }
    RequestTarget target = RequestTarget.parse(head.uri());
    checkQuery(target.query());
    String normal = target.text();
    if (!normal.equals(head.uri())) {
      head.setUri(normal);
    }
  }

  /** The absolute form is the same request; its host counts (RFC 9112, section 3.2.2). */
  private static void originForm(HttpRequest head) {
    String uri = head.uri();
    int scheme =
        uri.regionMatches(true, 0, "http://", 0, 7)
            ? 7
            : uri.regionMatches(true, 0, "https://", 0, 8) ? 8 : 0;
    if (scheme == 0 || !head.headers().contains(HttpHeaderNames.HOST)) {
      return;
    }
    int end = scheme;
    while (end < uri.length() && "/?#".indexOf(uri.charAt(end)) < 0) {
      end++;
    }
    head.headers().set(HttpHeaderNames.HOST, uri.substring(scheme, end));
    String rest = uri.substring(end);
    head.setUri(rest.startsWith("/") ? rest : "/" + rest);
  }

  private static void checkQuery(String query) throws RejectedRequestException {
    for (int i = 0; i < query.length(); i++) {
      char c = query.charAt(i);
      if (c <= ' ' || c >= 0x7f) {
        throw new RejectedRequestException("character in the query that must be percent-encoded");
      }
    }
  }
}

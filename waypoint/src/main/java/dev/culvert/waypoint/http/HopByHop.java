// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaderValues;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * The fields that are meant for one connection only, and are not passed on (RFC 9110, section
 * 7.6.1).
 */
public final class HopByHop {
  /** Not a registered field, and sent by some clients nonetheless. */
  private static final AsciiString PROXY_CONNECTION = AsciiString.cached("proxy-connection");

  private static final AsciiString KEEP_ALIVE = AsciiString.cached("keep-alive");

  private static final List<AsciiString> ALWAYS =
      List.of(
          KEEP_ALIVE,
          PROXY_CONNECTION,
          HttpHeaderNames.TE,
          HttpHeaderNames.TRANSFER_ENCODING,
          HttpHeaderNames.UPGRADE);

  /**
   * What frames, routes or authenticates, says how to answer or what a body is (RFC 9110, section
   * 6.5.1), or who asks: servers are known to read trailers as if they had come with the head.
   */
  private static final Set<String> FORBIDDEN_TRAILERS =
      Set.of(
          "content-length",
          "transfer-encoding",
          "host",
          "trailer",
          "connection",
          "keep-alive",
          "proxy-connection",
          "te",
          "upgrade",
          "authorization",
          "proxy-authorization",
          "proxy-authenticate",
          "www-authenticate",
          "cookie",
          "set-cookie",
          "expect",
          "cache-control",
          "max-forwards",
          "pragma",
          "range",
          "location",
          "forwarded",
          "content-encoding",
          "content-type",
          "content-range");

  /** What proxies say of clients. */
  private static final List<String> FORBIDDEN_BEGINS = List.of("x-forwarded-", "x-envoy-");

  private HopByHop() {}

  /**
   * Removes what a request's {@code Connection} names, except what others may ask about on the way
   * and {@link #strip} takes away at its end. Before any phase: a client must not name, and so take
   * away, what phases add.
   */
  public static void stripNamed(HttpHeaders headers) {
    List<String> values = headers.getAll(HttpHeaderNames.CONNECTION);
    if (values.isEmpty() || (values.size() == 1 && isOption(values.getFirst()))) {
      return;
    }
    List<String> options = new ArrayList<>(2);
    for (String value : values) {
      for (String part : value.split(",", -1)) {
        String name = part.strip();
        if (isOption(name)) {
          options.add(name);
        } else if (!isAlways(name)) {
          remove(headers, name);
        }
      }
    }
    headers.set(HttpHeaderNames.CONNECTION, options);
  }

  /** Those that name no field, or one that is asked about on the way. */
  private static boolean isOption(String name) {
    return HttpHeaderValues.KEEP_ALIVE.contentEqualsIgnoreCase(name)
        || HttpHeaderValues.CLOSE.contentEqualsIgnoreCase(name)
        || HttpHeaderValues.UPGRADE.contentEqualsIgnoreCase(name);
  }

  private static boolean isAlways(String name) {
    for (AsciiString always : ALWAYS) {
      if (always.contentEqualsIgnoreCase(name)) {
        return true;
      }
    }
    return false;
  }

  /**
   * Removes them. What {@code Connection} names goes too, except fields that a peer could take away
   * from what it sends through us to mislead the backend: host, framing and ours.
   */
  public static void strip(HttpHeaders headers) {
    for (String value : headers.getAll(HttpHeaderNames.CONNECTION)) {
      for (String name : value.split(",", -1)) {
        remove(headers, name.strip());
      }
    }
    headers.remove(HttpHeaderNames.CONNECTION);
    for (AsciiString name : ALWAYS) {
      headers.remove(name);
    }
  }

  /** Whether a list field has the token, in any case. */
  public static boolean hasToken(HttpHeaders headers, CharSequence name, CharSequence token) {
    return headers.containsValue(name, token, true);
  }

  /** Trailers that may be passed on: nothing that frames, routes or authenticates. */
  public static void copyTrailers(HttpHeaders from, HttpHeaders to) {
    for (var entry : from) {
      if (mayTrail(entry.getKey().toLowerCase(Locale.ROOT).replace('_', '-'))) {
        to.add(entry.getKey(), entry.getValue());
      }
    }
  }

  private static boolean mayTrail(String name) {
    return !FORBIDDEN_TRAILERS.contains(name)
        && FORBIDDEN_BEGINS.stream().noneMatch(name::startsWith);
  }

  private static void remove(HttpHeaders headers, String name) {
    boolean kept =
        name.isEmpty()
            || HttpHeaderNames.HOST.contentEqualsIgnoreCase(name)
            || HttpHeaderNames.CONTENT_LENGTH.contentEqualsIgnoreCase(name)
            || name.regionMatches(true, 0, "x-forwarded-", 0, 12);
    if (!kept) {
      headers.remove(name);
    }
  }
}

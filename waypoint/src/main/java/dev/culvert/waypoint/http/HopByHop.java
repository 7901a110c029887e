// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import io.netty.util.AsciiString;
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

  /** RFC 9110, section 6.5.1. */
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
          "content-encoding",
          "content-type",
          "content-range");

  private HopByHop() {}

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
      if (!FORBIDDEN_TRAILERS.contains(entry.getKey().toLowerCase(Locale.ROOT))) {
        to.add(entry.getKey(), entry.getValue());
      }
    }
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

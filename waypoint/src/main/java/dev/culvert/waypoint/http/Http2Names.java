// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import io.netty.handler.codec.UnsupportedValueConverter;
import io.netty.handler.codec.http2.CharSequenceMap;
import io.netty.util.AsciiString;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Names of fields as HTTP/2 writes them, in lower case. Those that most messages have are looked up
 * instead of made for each. Any thread.
 */
final class Http2Names {
  /** Of one connection of HTTP/1; HTTP/2 forbids them (RFC 9113, section 8.2.2). */
  static final List<String> FORBIDDEN =
      List.of(
          "connection",
          "keep-alive",
          "proxy-connection",
          "transfer-encoding",
          "upgrade",
          "http2-settings",
          "host");

  static final List<String> USUAL =
      List.of(
          "accept",
          "accept-encoding",
          "accept-language",
          "accept-ranges",
          "access-control-allow-origin",
          "age",
          "authorization",
          "cache-control",
          "content-encoding",
          "content-language",
          "content-length",
          "content-type",
          "cookie",
          "date",
          "etag",
          "expires",
          "forwarded",
          "grpc-accept-encoding",
          "grpc-encoding",
          "grpc-message",
          "grpc-status",
          "grpc-timeout",
          "if-modified-since",
          "if-none-match",
          "last-modified",
          "link",
          "location",
          "origin",
          "pragma",
          "range",
          "referer",
          "server",
          "set-cookie",
          "strict-transport-security",
          "te",
          "traceparent",
          "tracestate",
          "user-agent",
          "vary",
          "via",
          "x-content-type-options",
          "x-forwarded-for",
          "x-forwarded-proto",
          "x-frame-options",
          "x-request-id");

  private static final int BUCKETS = 128;
  private static final CharSequenceMap<AsciiString> KNOWN =
      new CharSequenceMap<>(false, UnsupportedValueConverter.instance(), BUCKETS);

  static {
    USUAL.stream().map(AsciiString::cached).forEach(name -> KNOWN.set(name, name));
    FORBIDDEN.forEach(name -> KNOWN.set(AsciiString.cached(name), AsciiString.EMPTY_STRING));
  }

  private Http2Names() {}

  /** A name in lower case; null for one that HTTP/2 does not have. */
  static @Nullable AsciiString of(CharSequence name) {
    AsciiString known = KNOWN.get(name);
    if (known == null) {
      return AsciiString.of(name).toLowerCase();
    }
    return known.isEmpty() ? null : known;
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import io.netty.util.AsciiString;
import java.util.List;

/**
 * Names of fields as they are mostly written: each is made once, not for each message. Any thread.
 */
final class Http1Names {
  private static final int SLOTS = 1024;
  private static final AsciiString[] KNOWN = new AsciiString[SLOTS];

  static {
    for (List<String> names : List.of(Http2Names.USUAL, Http2Names.FORBIDDEN)) {
      for (String name : names) {
        keep(name);
        keep(capital(name));
      }
    }
    List.of("ETag", "TE", "DNT", "Sec-WebSocket-Key", "Sec-WebSocket-Version", "X-Request-ID")
        .forEach(Http1Names::keep);
    List.of("Expect", "Allow", "Retry-After", "Trailer", "X-Forwarded-Host", "X-Real-IP")
        .forEach(Http1Names::keep);
  }

  private Http1Names() {}

  /** A hash of no bytes. */
  static int begin() {
    return 0;
  }

  /** The hash with one more byte. */
  static int hash(int before, byte next) {
    return 31 * before + next;
  }

  private static int slot(int hash) {
    return (hash ^ hash >>> 10) & (SLOTS - 1);
  }

  /** Each word with a capital, as HTTP/1's programs write names. */
  private static String capital(String lower) {
    StringBuilder name = new StringBuilder(lower);
    for (int i = 0; i < name.length(); i++) {
      if (i == 0 || name.charAt(i - 1) == '-') {
        name.setCharAt(i, Character.toUpperCase(name.charAt(i)));
      }
    }
    return name.toString();
  }

  private static void keep(String name) {
    AsciiString text = AsciiString.cached(name);
    int hash = begin();
    for (int i = 0; i < text.length(); i++) {
      hash = hash(hash, text.byteAt(i));
    }
    KNOWN[slot(hash)] = text; // of two in one slot, one is made for each message
  }

  /** The name in a part of an array, whose hash is known. */
  static AsciiString of(byte[] bytes, int from, int to, int hash) {
    AsciiString known = KNOWN[slot(hash)];
    if (known != null && known.length() == to - from && isSame(known, bytes, from)) {
      return known;
    }
    return new AsciiString(bytes, from, to - from, false);
  }

  private static boolean isSame(AsciiString known, byte[] bytes, int from) {
    return java.util.Arrays.equals(
        known.array(),
        known.arrayOffset(),
        known.arrayOffset() + known.length(),
        bytes,
        from,
        from + known.length());
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * The {@code forwarded} header (RFC 7239): the client in front of the tunnel, and the service it
 * asked for.
 *
 * @param client as the tunnel's other end saw it
 * @param host the service's host name
 */
public record Forwarded(Optional<InetSocketAddress> client, Optional<String> host) {
  private static final Forwarded NONE = new Forwarded(Optional.empty(), Optional.empty());
  private static final int MAX_LENGTH = 1024;

  /** What to send. */
  public String format() {
    StringBuilder text = new StringBuilder(64);
    client.ifPresent(c -> text.append("for=\"").append(Authority.format(c)).append('"'));
    host.ifPresent(h -> text.append(text.isEmpty() ? "" : ";").append("host=").append(h));
    return text.toString();
  }

  /**
   * Reads a header; what is missing or malformed is left out, null is none. Of an element that
   * comes twice the first that is well formed counts.
   */
  public static Forwarded parse(CharSequence header) {
    if (header == null || header.length() > MAX_LENGTH) {
      return NONE;
    }
    String text = header.toString();
    int length = Span.until(text, ',', 0, text.length());
    Optional<InetSocketAddress> client = Optional.empty();
    Optional<String> host = Optional.empty();
    int start = 0;
    while (start < length) {
      int end = Span.until(text, ';', start, length);
      int equals = Span.until(text, '=', start, end);
      if (client.isEmpty() && isNamed("for", text, start, equals)) {
        client = address(value(text, equals + 1, end));
      } else if (host.isEmpty() && isNamed("host", text, start, equals)) {
        host = Optional.of(value(text, equals + 1, end)).filter(Forwarded::isHost);
      }
      start = end + 1;
    }
    return client.isEmpty() && host.isEmpty() ? NONE : new Forwarded(client, host);
  }

  private static boolean isNamed(String name, String text, int start, int end) {
    int from = Span.skipSpace(text, start, end);
    return Span.dropSpace(text, from, end) - from == name.length()
        && text.regionMatches(true, from, name, 0, name.length());
  }

  /** Without its quotes. */
  private static String value(String text, int start, int end) {
    int from = Span.skipSpace(text, Math.min(start, end), end);
    int to = Span.dropSpace(text, from, end);
    boolean quoted = to - from >= 2 && text.charAt(from) == '"' && text.charAt(to - 1) == '"';
    return quoted ? text.substring(from + 1, to - 1) : text.substring(from, to);
  }

  private static Optional<InetSocketAddress> address(String value) {
    try {
      return Optional.of(Authority.parse(value));
    } catch (MalformedHeaderException e) {
      return Optional.empty();
    }
  }

  private static boolean isHost(String value) {
    for (int i = 0; i < value.length(); i++) {
      char c = value.charAt(i);
      boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
      if (!letter && (c < '0' || c > '9') && c != '.' && c != '-' && c != '*') {
        return false;
      }
    }
    return !value.isEmpty();
  }
}

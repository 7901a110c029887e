// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import java.net.InetSocketAddress;
import java.util.Locale;
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
  private static final String HOST_CHARACTERS =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-*";

  /** What to send. */
  public String format() {
    StringBuilder text = new StringBuilder(64);
    client.ifPresent(c -> text.append("for=\"").append(Authority.format(c)).append('"'));
    host.ifPresent(h -> text.append(text.isEmpty() ? "" : ";").append("host=").append(h));
    return text.toString();
  }

  /** Reads a header; what is missing or malformed is left out, null is none. */
  public static Forwarded parse(CharSequence header) {
    if (header == null || header.length() > MAX_LENGTH) {
      return NONE;
    }
    Forwarded read = NONE;
    String first = header.toString().split(",", 2)[0];
    for (String pair : first.split(";", -1)) {
      int equals = pair.indexOf('=');
      if (equals > 0) {
        String name = pair.substring(0, equals).strip().toLowerCase(Locale.ROOT);
        read = read.with(name, unquote(pair.substring(equals + 1).strip()));
      }
    }
    return read;
  }

  private Forwarded with(String name, String value) {
    return switch (name) {
      case "for" -> client.isPresent() ? this : new Forwarded(address(value), host);
      case "host" -> new Forwarded(client, Optional.of(value).filter(Forwarded::isHost));
      default -> this;
    };
  }

  private static Optional<InetSocketAddress> address(String value) {
    try {
      return Optional.of(Authority.parse(value));
    } catch (MalformedHeaderException e) {
      return Optional.empty();
    }
  }

  private static boolean isHost(String value) {
    return !value.isEmpty() && value.chars().allMatch(c -> HOST_CHARACTERS.indexOf(c) >= 0);
  }

  private static String unquote(String value) {
    boolean quoted = value.length() >= 2 && value.startsWith("\"") && value.endsWith("\"");
    return quoted ? value.substring(1, value.length() - 1) : value;
  }
}

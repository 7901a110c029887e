// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.observe;

import dev.culvert.waypoint.exchange.Exchange;
import io.netty.handler.codec.http.HttpHeaderNames;
import io.netty.handler.codec.http.HttpHeaders;
import java.util.Locale;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A header field that a template asks for, and which is read while the request is at hand.
 *
 * @param of which head it is in
 * @param name in lower case; {@code :method}, {@code :path}, {@code :authority}, {@code :scheme}
 *     and {@code :status} are what they are in HTTP/2, for every version
 * @param other asked for when there is no such field; empty for none
 * @param most characters of it that are told
 */
record HeaderField(Of of, String name, String other, int most) {
  /** RFC 9110, section 5.6.2. */
  private static final Pattern TOKEN = Pattern.compile("[a-z0-9!#$%&'*+.^_`|~-]+");

  /** The head that it is in, by the operator that asks for it. */
  enum Of {
    REQ,
    REQ_WITHOUT_QUERY,
    RESP,
    TRAILER
  }

  /**
   * What stands in the operator's parentheses: {@code NAME} or {@code NAME?OTHER}.
   *
   * @throws IllegalArgumentException saying why it is no such thing
   */
  static HeaderField parse(Of of, String argument, int most) {
    int question = argument.indexOf('?');
    String name = question < 0 ? argument : argument.substring(0, question);
    String other = question < 0 ? "" : argument.substring(question + 1);
    return new HeaderField(of, known(of, name), other.isEmpty() ? other : known(of, other), most);
  }

  private static String known(Of of, String given) {
    String name = given.toLowerCase(Locale.ROOT);
    boolean good =
        switch (name) {
          case ":method", ":path", ":authority", ":scheme" ->
              of == Of.REQ || of == Of.REQ_WITHOUT_QUERY;
          case ":status" -> of == Of.RESP;
          default -> TOKEN.matcher(name).matches();
        };
    if (!good) {
      throw new IllegalArgumentException(
          "'%s' is no header field of %%%s()%%".formatted(given, of));
    }
    return name;
  }

  /** Its value, or the other's; null when there is neither. */
  @Nullable String value(Exchange exchange) {
    String value = value(exchange, name);
    if (value == null && !other.isEmpty()) {
      value = value(exchange, other);
    }
    if (value == null) {
      return null;
    }
    int end = Math.min(value.length(), most);
    int query = of == Of.REQ_WITHOUT_QUERY ? value.indexOf('?') : -1;
    return value.substring(0, query < 0 ? end : Math.min(end, query));
  }

  private @Nullable String value(Exchange exchange, String field) {
    return switch (of) {
      case REQ, REQ_WITHOUT_QUERY -> requested(exchange, field);
      case RESP ->
          field.equals(":status")
              ? String.valueOf(exchange.account().status())
              : in(exchange.account().responseHeaders(), field);
      case TRAILER -> in(exchange.account().trailers(), field);
    };
  }

  private static @Nullable String requested(Exchange exchange, String field) {
    HttpHeaders headers = exchange.head().headers();
    return switch (field) {
      case ":method" -> exchange.account().method();
      case ":path" -> exchange.account().uri();
      case ":authority" -> headers.get(HttpHeaderNames.HOST);
      case ":scheme" -> exchange.connection().secure() ? "https" : "http";
      default -> headers.get(field);
    };
  }

  private static @Nullable String in(@Nullable HttpHeaders headers, String field) {
    return headers == null ? null : headers.get(field);
  }
}

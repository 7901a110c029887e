// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The parameters of a query as forms write them (URL Standard, section 5.1): parts between {@code
 * &}, and nothing that cannot be read, since what is no escape stands for itself.
 */
public final class Query {
  private Query() {}

  /** What follows the question mark of a target; empty when there is none. */
  public static String of(String uri) {
    int mark = uri.indexOf('?');
    return mark < 0 ? "" : uri.substring(mark + 1);
  }

  /** The values of each parameter, in the order in which they were written. */
  public static Map<String, List<String>> parameters(String query) {
    Map<String, List<String>> parameters = new LinkedHashMap<>();
    int from = 0;
    while (from < query.length()) {
      int and = query.indexOf('&', from);
      int to = and < 0 ? query.length() : and;
      if (to > from) {
        add(query.substring(from, to), parameters);
      }
      from = to + 1;
    }
    return parameters;
  }

  private static void add(String part, Map<String, List<String>> to) {
    int equals = part.indexOf('=');
    String name = decoded(equals < 0 ? part : part.substring(0, equals));
    String value = equals < 0 ? "" : decoded(part.substring(equals + 1));
    to.computeIfAbsent(name, _ -> new ArrayList<>(1)).add(value);
  }

  private static String decoded(String text) {
    if (text.indexOf('%') < 0 && text.indexOf('+') < 0) {
      return text;
    }
    byte[] written = text.getBytes(UTF_8);
    ByteArrayOutputStream out = new ByteArrayOutputStream(written.length);
    for (int i = 0; i < written.length; i++) {
      int octet = written[i] == '%' ? octet(written, i) : -1;
      if (octet >= 0) {
        out.write(octet);
        i += 2;
      } else {
        out.write(written[i] == '+' ? ' ' : written[i]);
      }
    }
    return out.toString(UTF_8);
  }

  /** What an escape stands for; negative when it is none. */
  private static int octet(byte[] text, int at) {
    if (at + 2 >= text.length) {
      return -1;
    }
    int high = Character.digit(text[at + 1], 16);
    int low = Character.digit(text[at + 2], 16);
    return high < 0 || low < 0 ? -1 : high << 4 | low;
  }
}

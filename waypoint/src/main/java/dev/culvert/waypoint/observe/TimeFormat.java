// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.observe;

import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeFormatterBuilder;
import java.time.temporal.ChronoField;
import java.util.Locale;

/** Reads how a time is written, in strftime's letters. */
final class TimeFormat {
  /** As in RFC 3339, to the millisecond. */
  static final String STANDARD = "%Y-%m-%dT%H:%M:%S.%3fZ";

  private static final String KNOWN = "%Y %m %d %H %M %S %F %T %s %1f to %9f %z %%";

  private TimeFormat() {}

  /**
   * A format, in UTC.
   *
   * @throws IllegalArgumentException naming what is not known
   */
  static DateTimeFormatter parse(String text) {
    DateTimeFormatterBuilder format = new DateTimeFormatterBuilder();
    for (int i = 0; i < text.length(); i++) {
      if (text.charAt(i) != '%') {
        format.appendLiteral(text.charAt(i));
      } else {
        i++;
        int digits = digits(text, i);
        i += digits > 0 ? 1 : 0;
        append(format, i < text.length() ? text.charAt(i) : ' ', digits);
      }
    }
    return format.toFormatter(Locale.ROOT).withZone(ZoneOffset.UTC);
  }

  private static int digits(String text, int at) {
    boolean digit = at < text.length() && text.charAt(at) >= '1' && text.charAt(at) <= '9';
    return digit ? text.charAt(at) - '0' : 0;
  }

  private static void append(DateTimeFormatterBuilder format, char letter, int digits) {
    if (digits > 0) {
      if (letter != 'f') {
        throw unknown(letter);
      }
      format.appendFraction(ChronoField.NANO_OF_SECOND, digits, digits, false);
      return;
    }
    switch (letter) {
      case 'Y' -> format.appendPattern("uuuu");
      case 'm' -> format.appendPattern("MM");
      case 'd' -> format.appendPattern("dd");
      case 'H' -> format.appendPattern("HH");
      case 'M' -> format.appendPattern("mm");
      case 'S' -> format.appendPattern("ss");
      case 'F' -> format.appendPattern("uuuu-MM-dd");
      case 'T' -> format.appendPattern("HH:mm:ss");
      case 's' -> format.appendValue(ChronoField.INSTANT_SECONDS);
      case 'z' -> format.appendLiteral("+0000");
      case '%' -> format.appendLiteral('%');
      default -> throw unknown(letter);
    }
  }

  private static IllegalArgumentException unknown(char letter) {
    return new IllegalArgumentException(
        "'%%%s' of a time is not known; known are %s".formatted(letter, KNOWN));
  }
}

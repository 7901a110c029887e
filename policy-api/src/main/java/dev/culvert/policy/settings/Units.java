// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.settings;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Spans of time and numbers of bytes as text. */
final class Units {
  private static final Pattern DURATION = Pattern.compile("(\\d{1,12})(ms|s|m|h|d)");
  private static final Pattern BYTES = Pattern.compile("(\\d{1,12})(B|KiB|MiB|GiB)");

  private Units() {}

  static Duration duration(String text) {
    Matcher match = match(DURATION, text);
    long count = Long.parseLong(match.group(1));
    return switch (match.group(2)) {
      case "ms" -> Duration.ofMillis(count);
      case "s" -> Duration.ofSeconds(count);
      case "m" -> Duration.ofMinutes(count);
      case "h" -> Duration.ofHours(count);
      default -> Duration.ofDays(count);
    };
  }

  static long bytes(String text) {
    Matcher match = match(BYTES, text);
    long count = Long.parseLong(match.group(1));
    return switch (match.group(2)) {
      case "B" -> count;
      case "KiB" -> Math.multiplyExact(count, 1L << 10);
      case "MiB" -> Math.multiplyExact(count, 1L << 20);
      default -> Math.multiplyExact(count, 1L << 30);
    };
  }

  static String format(Duration span) {
    long millis = span.toMillis();
    if (millis % 1000 != 0) {
      return millis + "ms";
    }
    long seconds = millis / 1000;
    if (seconds != 0 && seconds % 3600 == 0) {
      return seconds / 3600 + "h";
    }
    return seconds != 0 && seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
  }

  private static Matcher match(Pattern pattern, String text) {
    Matcher match = pattern.matcher(text);
    if (!match.matches()) {
      throw new IllegalArgumentException("a whole number with its unit is expected");
    }
    return match;
  }
}

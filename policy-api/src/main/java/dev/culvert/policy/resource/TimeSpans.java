// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads spans of time as they are written in resources. */
final class TimeSpans {
  /** GEP-2257, of which whole units in one group are what people write. */
  private static final Pattern WHOLE = Pattern.compile("(\\d{1,5})(h|m|s|ms)");

  /** As protobuf writes its durations in JSON. */
  private static final Pattern SECONDS = Pattern.compile("(\\d{1,9})\\.(\\d{1,9})s");

  private TimeSpans() {}

  static Duration parse(String text) {
    Matcher fraction = SECONDS.matcher(text);
    if (fraction.matches()) {
      String nanos = (fraction.group(2) + "000000000").substring(0, 9);
      return Duration.ofSeconds(Long.parseLong(fraction.group(1)), Long.parseLong(nanos));
    }
    Matcher parts = WHOLE.matcher(text);
    if (!parts.matches()) {
      throw new InvalidValueException(
          "'%s' is no span of time".formatted(text), "write a number and h, m, s or ms, as 10s");
    }
    long number = Long.parseLong(parts.group(1));
    return switch (parts.group(2)) {
      case "h" -> Duration.ofHours(number);
      case "m" -> Duration.ofMinutes(number);
      case "s" -> Duration.ofSeconds(number);
      default -> Duration.ofMillis(number);
    };
  }

  /** One that is longer than nothing. */
  static Duration positive(String text) {
    Duration span = parse(text);
    if (span.isZero()) {
      throw new InvalidValueException("'%s' is no time at all".formatted(text), "write more");
    }
    return span;
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.measure;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What {@code sockperf ping-pong --full-rtt} told, in microseconds.
 *
 * @param messages round trips in all, with those of its warm-up
 */
record SockperfReport(double p50, double p99, double p999, long messages) {
  private static final Pattern RECEIVED = Pattern.compile("\\[Total Run].*ReceivedMessages=(\\d+)");

  static SockperfReport parse(String text) {
    return new SockperfReport(
        percentile(text, "50.000"),
        percentile(text, "99.000"),
        percentile(text, "99.900"),
        Long.parseLong(find(RECEIVED, text, "a total of messages")));
  }

  private static double percentile(String text, String rank) {
    Pattern line = Pattern.compile("percentile +" + Pattern.quote(rank) + " += +([0-9.]+)");
    return Double.parseDouble(find(line, text, "percentile " + rank));
  }

  private static String find(Pattern pattern, String text, String what) {
    Matcher matcher = pattern.matcher(text);
    if (!matcher.find()) {
      throw new IllegalArgumentException("sockperf told no %s: %s".formatted(what, text));
    }
    return matcher.group(1);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.measure;

import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What h2load told.
 *
 * @param requests answered with 2xx or 3xx
 * @param errors what failed, timed out, or was answered otherwise
 * @param perSecond its rate
 * @param micros how long each took, in order of length; empty unless it wrote a log
 */
record H2loadReport(long requests, long errors, double perSecond, List<Double> micros) {
  private static final Pattern RATE = Pattern.compile("finished in \\S+, ([0-9.]+) req/s");
  private static final Pattern COUNTS =
      Pattern.compile("(\\d+) succeeded, (\\d+) failed, (\\d+) errored, (\\d+) timeout");

  /**
   * Reads it.
   *
   * @param log lines of when a request began, its status, and how many microseconds it took
   */
  static H2loadReport parse(String text, List<String> log) {
    Matcher rate = RATE.matcher(text);
    Matcher counts = COUNTS.matcher(text);
    if (!rate.find() || !counts.find()) {
      throw new IllegalArgumentException("h2load told no result: " + text);
    }
    return new H2loadReport(
        Long.parseLong(counts.group(1)),
        Long.parseLong(counts.group(2)) + Long.parseLong(counts.group(4)),
        Double.parseDouble(rate.group(1)),
        log.stream().map(H2loadReport::micros).sorted().toList());
  }

  private static Double micros(String line) {
    return Double.valueOf(line.split("\t", -1)[2]);
  }

  /** The time that this share of the requests did not exceed. */
  double percentile(double share) {
    int index = (int) Math.ceil(share * micros.size()) - 1;
    return micros.get(Math.max(0, index));
  }

  /** More than one failure in a hundred makes a rate meaningless. */
  boolean failed() {
    return requests == 0 || errors > requests / 100;
  }
}

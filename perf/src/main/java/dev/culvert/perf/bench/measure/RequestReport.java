// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.measure;

import dev.culvert.cli.lab.LabClient;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What came of requests to a front door.
 *
 * @param requests answered with 2xx or 3xx
 * @param all those, and those that were answered before the figures began
 * @param errors what failed, timed out, or was answered otherwise
 * @param perSecond their rate
 * @param p50 microseconds from when a request was to be sent; 0 where none was asked for
 * @param p99 likewise
 */
record RequestReport(
    long requests, long all, long errors, double perSecond, double p50, double p99) {
  private static final Pattern RATE = Pattern.compile("finished in \\S+, ([0-9.]+) req/s");
  private static final Pattern COUNTS =
      Pattern.compile("(\\d+) succeeded, (\\d+) failed, (\\d+) errored, (\\d+) timeout");

  /**
   * Reads what h2load told.
   *
   * @param log lines of when a request began, its status, and how many microseconds it took; empty
   *     when it wrote none
   */
  static RequestReport ofH2load(String text, List<String> log) {
    Matcher rate = RATE.matcher(text);
    Matcher counts = COUNTS.matcher(text);
    if (!rate.find() || !counts.find()) {
      throw new IllegalArgumentException("h2load told no result: " + text);
    }
    List<Double> micros = log.stream().map(RequestReport::micros).sorted().toList();
    long requests = Long.parseLong(counts.group(1));
    return new RequestReport(
        requests,
        requests,
        Long.parseLong(counts.group(2)) + Long.parseLong(counts.group(4)),
        Double.parseDouble(rate.group(1)),
        percentile(micros, 0.5),
        percentile(micros, 0.99));
  }

  /** Reads what {@link dev.culvert.perf.bench.load.MutualLoad} told. */
  static RequestReport ofMutualLoad(String text) {
    String line =
        text.lines()
            .filter(each -> each.startsWith("load "))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("no result of the load: " + text));
    long requests = LabClient.number(line, "requests");
    return new RequestReport(
        requests,
        LabClient.number(line, "all"),
        LabClient.number(line, "errors"),
        requests * 1e6 / LabClient.number(line, "micros"),
        LabClient.number(line, "p50"),
        LabClient.number(line, "p99"));
  }

  private static Double micros(String line) {
    return Double.valueOf(line.split("\t", -1)[2]);
  }

  /** The time that this share of the requests did not exceed. */
  private static double percentile(List<Double> micros, double share) {
    int index = (int) Math.ceil(share * micros.size()) - 1;
    return micros.isEmpty() ? 0 : micros.get(Math.max(0, index));
  }

  /** More than one failure in a hundred makes a rate meaningless. */
  boolean failed() {
    return requests == 0 || errors > requests / 100;
  }
}

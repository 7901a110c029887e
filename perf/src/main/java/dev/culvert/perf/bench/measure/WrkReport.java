// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.measure;

import dev.culvert.cli.lab.LabClient;

/**
 * What wrk's script told at the end; latencies in microseconds.
 *
 * @param requests answered in all
 * @param micros how long it took
 * @param errors connections that could not be made, reads, writes and time-outs that failed,
 *     answers that were not 2xx or 3xx
 */
record WrkReport(long requests, long micros, long errors, double p50, double p99, double p999) {
  private static final String LINE = "bench ";

  /** Prints one line that can be read by a machine. */
  static final String SCRIPT =
      """
      function done(summary, latency, requests)
        local e = summary.errors
        io.write(string.format(
          "bench requests=%d micros=%d errors=%d p50=%d p99=%d p999=%d\\n",
          summary.requests, summary.duration,
          e.connect + e.read + e.write + e.status + e.timeout,
          latency:percentile(50), latency:percentile(99), latency:percentile(99.9)))
      end
      """;

  static WrkReport parse(String text) {
    String line =
        text.lines()
            .filter(each -> each.startsWith(LINE))
            .findFirst()
            .orElseThrow(() -> new IllegalArgumentException("wrk told no result: " + text));
    return new WrkReport(
        LabClient.number(line, "requests"),
        LabClient.number(line, "micros"),
        LabClient.number(line, "errors"),
        LabClient.number(line, "p50"),
        LabClient.number(line, "p99"),
        LabClient.number(line, "p999"));
  }

  double perSecond() {
    return requests * 1e6 / micros;
  }

  /** More than one failure in a hundred makes a rate meaningless. */
  boolean failed() {
    return requests == 0 || errors > requests / 100;
  }
}

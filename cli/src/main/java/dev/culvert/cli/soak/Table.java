// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import java.io.PrintStream;
import java.util.List;
import java.util.Map;

/** A line of figures now and then, while it runs. */
final class Table {
  private final PrintStream out;
  private boolean headed;

  Table(PrintStream out) {
    this.out = out;
  }

  void line(long millis, int live, Counts counts, Map<String, List<Sample>> curves) {
    if (!headed) {
      headed = true;
      StringBuilder head = new StringBuilder("     s  opened     MB live ended-by-churn errors");
      curves.keySet().forEach(name -> head.append("  %14s".formatted(name)));
      out.println(head.append("  (MB/descriptors)"));
    }
    StringBuilder line =
        new StringBuilder(
            "%6d %7d %6d %4d %14d %6d"
                .formatted(
                    millis / 1000,
                    counts.opened(),
                    counts.bytes() >> 20,
                    live,
                    counts.explainedCount(),
                    counts.faultCount()));
    for (List<Sample> samples : curves.values()) {
      Sample last = samples.getLast();
      line.append("  %14s".formatted("%d/%d".formatted(last.rssMb(), last.descriptors())));
    }
    out.println(line);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench;

import dev.culvert.perf.bench.measure.Metric;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** Tells the person who waits what is measured, what came out, and how long it may still take. */
final class Progress {
  private final PrintStream out;
  private final int steps;
  private final long begin = System.nanoTime();
  private int step;

  Progress(PrintStream out, int steps) {
    this.out = out;
    this.steps = steps;
  }

  void begin(int round, String lane, String title) {
    step++;
    out.printf(
        "%3d %%  %s left  round %d  %-18s %-26s",
        (step - 1) * 100 / steps, clock(left()), round, lane, title);
    out.flush();
  }

  /** Only the first figure of a run is told; the table has all of them. */
  void end(Metric metric, double value) {
    out.printf(Locale.ROOT, "%.4g %s%n", value, metric.unit().text());
  }

  void end(String word) {
    out.println(word);
  }

  /** Steps that will not be made, as a lane's that does not open. */
  void skip(int count) {
    step += count;
  }

  private Duration left() {
    long used = System.nanoTime() - begin;
    int made = step - 1;
    return made == 0 ? Duration.ZERO : Duration.ofNanos(used / made * (steps - made));
  }

  private static String clock(Duration time) {
    return time.isZero() ? " ?:??" : "%2d:%02d".formatted(time.toMinutes(), time.toSecondsPart());
  }
}

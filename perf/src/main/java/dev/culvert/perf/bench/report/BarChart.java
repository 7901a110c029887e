// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.report;

import dev.culvert.perf.bench.measure.Metric;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** A metric as SVG: a bar for each lane, and a line over it from the least figure to the most. */
record BarChart(Metric metric, List<Bar> bars) {
  private static final int WIDTH = 560;
  private static final int LABEL = 168;
  private static final int VALUE = 132;
  private static final int ROW = 26;
  private static final int THICK = 16;

  /**
   * A bar.
   *
   * @param style which colour: the number of the lane
   * @param ratio against the lane that all are compared with
   */
  record Bar(String title, int style, Spread spread, Optional<Double> ratio) {}

  String svg() {
    double most = bars.stream().mapToDouble(bar -> bar.spread().most()).max().orElse(1);
    double scale = (WIDTH - LABEL - VALUE) / Math.max(most, Double.MIN_NORMAL);
    StringBuilder out = new StringBuilder();
    out.append(
        "<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">%n"
            .formatted(WIDTH, bars.size() * ROW + 4, Html.text(metric.title())));
    for (int i = 0; i < bars.size(); i++) {
      out.append(row(bars.get(i), i * ROW + 2, scale));
    }
    return out.append("</svg>\n").toString();
  }

  private static String row(Bar bar, int top, double scale) {
    double end = LABEL + bar.spread().median() * scale;
    int middle = top + ROW / 2;
    return String.format(
        Locale.ROOT,
        """
        <text class="label" x="%d" y="%d">%s</text>
        <rect class="bar c%d" x="%d" y="%d" width="%.1f" height="%d" rx="3"><title>%s</title></rect>
        <path class="spread" d="M%.1f %dH%.1f"/>
        <text class="value" x="%.1f" y="%d">%s%s</text>
        """,
        LABEL - 10,
        middle + 4,
        Html.text(bar.title()),
        bar.style(),
        LABEL,
        middle - THICK / 2,
        Math.max(1, end - LABEL),
        THICK,
        Html.text(told(bar.spread())),
        LABEL + bar.spread().least() * scale,
        middle,
        LABEL + bar.spread().most() * scale,
        Math.max(end, LABEL + bar.spread().most() * scale) + 8,
        middle + 4,
        Digits.of(bar.spread().median()),
        bar.ratio().map(BarChart::beside).orElse(""));
  }

  private static String beside(double ratio) {
    return "<tspan class=\"ratio\" dx=\"6\">%s</tspan>".formatted(Digits.ratio(ratio));
  }

  private static String told(Spread spread) {
    return "median %s of %d, from %s to %s"
        .formatted(
            Digits.of(spread.median()),
            spread.count(),
            Digits.of(spread.least()),
            Digits.of(spread.most()));
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import java.util.List;
import java.util.Map;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/** A line for each process, as an SVG file that needs nothing else. */
final class Chart {
  private static final int WIDTH = 760;
  private static final int HEIGHT = 240;
  private static final int LEFT = 50;
  private static final int TOP = 30;
  private static final int STEPS = 4;
  private static final List<String> COLOURS =
      List.of("#1f77b4", "#ff7f0e", "#2ca02c", "#d62728", "#9467bd", "#8c564b");

  private final StringBuilder svg = new StringBuilder();
  private final ToLongFunction<Sample> value;
  private final long most;
  private final long last;

  private Chart(Map<String, List<Sample>> curves, ToLongFunction<Sample> value) {
    this.value = value;
    long highest = curves.values().stream().flatMap(List::stream).mapToLong(value).max().orElse(0);
    this.most = (highest / STEPS + 1) * STEPS;
    this.last =
        curves.values().stream().flatMap(List::stream).mapToLong(Sample::millis).max().orElse(1);
  }

  static String of(String title, Map<String, List<Sample>> curves, ToLongFunction<Sample> value) {
    Chart chart = new Chart(curves, value);
    chart.frame(title);
    int number = 0;
    for (Map.Entry<String, List<Sample>> curve : curves.entrySet()) {
      chart.curve(number++, curve.getKey(), curve.getValue());
    }
    return chart.svg.append("</svg>\n").toString();
  }

  private void frame(String title) {
    svg.append(
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" font-family="sans-serif" font-size="12">
        <rect width="100%%" height="100%%" fill="white"/>
        """
            .formatted(LEFT + WIDTH + 150, TOP + HEIGHT + 30));
    text(LEFT, TOP - 12, "start", title);
    for (int step = 0; step <= STEPS; step++) {
      int y = TOP + HEIGHT - step * HEIGHT / STEPS;
      svg.append(
          "<line x1=\"%d\" y1=\"%d\" x2=\"%d\" y2=\"%d\" stroke=\"#ddd\"/>%n"
              .formatted(LEFT, y, LEFT + WIDTH, y));
      text(LEFT - 6, y + 4, "end", Long.toString(step * most / STEPS));
      text(
          LEFT + step * WIDTH / STEPS,
          TOP + HEIGHT + 18,
          "middle",
          "%d s".formatted(step * last / STEPS / 1000));
    }
  }

  private void curve(int number, String name, List<Sample> samples) {
    String colour = COLOURS.get(number % COLOURS.size());
    String points = samples.stream().map(this::point).collect(Collectors.joining(" "));
    svg.append(
        "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\" points=\"%s\"/>%n"
            .formatted(colour, points));
    svg.append(
        "<rect x=\"%d\" y=\"%d\" width=\"10\" height=\"10\" fill=\"%s\"/>%n"
            .formatted(LEFT + WIDTH + 12, TOP + 20 * number, colour));
    text(LEFT + WIDTH + 28, TOP + 20 * number + 10, "start", name);
  }

  private String point(Sample sample) {
    return "%d,%d"
        .formatted(
            LEFT + sample.millis() * WIDTH / last,
            TOP + HEIGHT - value.applyAsLong(sample) * HEIGHT / most);
  }

  private void text(long x, long y, String anchor, String text) {
    svg.append(
        "<text x=\"%d\" y=\"%d\" text-anchor=\"%s\">%s</text>%n".formatted(x, y, anchor, text));
  }
}

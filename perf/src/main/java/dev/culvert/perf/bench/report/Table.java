// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.report;

import dev.culvert.perf.bench.measure.Metric;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * A run on the terminal: medians, and beside each what it is against the lane that all are compared
 * with.
 */
public final class Table {
  private Table() {}

  /** The text, a line for each metric that has a figure. */
  public static String of(Run run) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(
        java.util.stream.Stream.concat(
                java.util.stream.Stream.of("median of " + run.rounds()),
                run.lanes().stream().map(Run.About::name))
            .toList());
    Arrays.stream(Metric.values())
        .filter(metric -> measured(run, metric))
        .forEach(metric -> rows.add(row(run, metric)));
    return lines(rows);
  }

  private static boolean measured(Run run, Metric metric) {
    return run.lanes().stream()
        .anyMatch(lane -> run.results().spread(lane.name(), metric).isPresent());
  }

  private static List<String> row(Run run, Metric metric) {
    List<String> cells = new ArrayList<>();
    cells.add(name(metric));
    run.lanes().forEach(lane -> cells.add(cell(run, lane.name(), metric)));
    return cells;
  }

  private static String name(Metric metric) {
    return "%s, %s".formatted(metric.key(), metric.unit().text());
  }

  private static String cell(Run run, String lane, Metric metric) {
    Results results = run.results();
    String base = run.subject().base();
    String median =
        results.spread(lane, metric).map(spread -> Digits.of(spread.median())).orElse("-");
    String ratio =
        lane.equals(base)
            ? ""
            : results.ratio(lane, base, metric).map(value -> " " + Digits.ratio(value)).orElse("");
    return median + ratio;
  }

  private static String lines(List<List<String>> rows) {
    int[] width =
        IntStream.range(0, rows.getFirst().size())
            .map(i -> rows.stream().mapToInt(row -> row.get(i).length()).max().orElse(0))
            .toArray();
    return rows.stream()
        .map(
            row ->
                IntStream.range(0, row.size())
                    .mapToObj(i -> pad(row.get(i), width[i], i == 0))
                    .collect(Collectors.joining("  ")))
        .collect(Collectors.joining("\n"));
  }

  private static String pad(String text, int width, boolean left) {
    String space = " ".repeat(width - text.length());
    return left ? text + space : space + text;
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.report;

import dev.culvert.perf.bench.measure.Metric;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/** A run for people: one file, with charts, that loads nothing from elsewhere. */
public final class HtmlReport {
  private final Run run;

  private HtmlReport(Run run) {
    this.run = run;
  }

  /** The document. */
  public static String of(Run run) throws IOException {
    return new HtmlReport(run).document();
  }

  private String document() throws IOException {
    return """
    <!doctype html>
    <html lang="en">
    <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>%1$s</title>
    <style>
    %2$s</style>
    </head>
    <body>
    <main>
    <h1>%1$s</h1>
    <p class="lead">%3$s, %4$s</p>
    %5$s%6$s%7$s%8$s%9$s
    </main>
    </body>
    </html>
    """
        .formatted(
            Html.text(run.subject().title()),
            style(),
            Html.text(run.started()),
            run.rounds() == 1 ? "one round" : "medians of %d rounds".formatted(run.rounds()),
            notes(),
            about(),
            goals(),
            Arrays.stream(Metric.Group.values()).map(this::group).collect(Collectors.joining()),
            how());
  }

  private static String style() throws IOException {
    try (InputStream in =
        HtmlReport.class.getResourceAsStream("/dev/culvert/perf/bench/report/report.css")) {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  private String notes() {
    return run.notes().isEmpty()
        ? ""
        : "<section class=\"notes\"><h2>Mind</h2><ul>%s</ul></section>%n"
            .formatted(
                run.notes().stream()
                    .map(note -> "<li>%s</li>".formatted(Html.text(note)))
                    .collect(Collectors.joining()));
  }

  private String about() {
    String machine =
        run.machine().entrySet().stream().map(HtmlReport::pair).collect(Collectors.joining("\n"));
    String lanes = run.lanes().stream().map(HtmlReport::laneRow).collect(Collectors.joining("\n"));
    return """
    <section><h2>What ran where</h2>
    <dl>%s</dl>
    <div class="scroll"><table><thead><tr><th>Lane</th><th>Software</th><th>TLS</th><th>More</th></tr></thead>
    <tbody>%s</tbody></table></div></section>
    """
        .formatted(machine, lanes);
  }

  private static String pair(Map.Entry<String, String> entry) {
    return "<div><dt>%s</dt><dd>%s</dd></div>"
        .formatted(Html.text(entry.getKey()), Html.text(entry.getValue()));
  }

  private static String laneRow(Run.About lane) {
    String more =
        lane.facts().entrySet().stream()
            .filter(fact -> !List.of("software", "tls").contains(fact.getKey()))
            .map(fact -> fact.getKey() + " " + fact.getValue())
            .sorted()
            .collect(Collectors.joining(", "));
    return "<tr><th>%s</th><td>%s</td><td>%s</td><td>%s</td></tr>"
        .formatted(
            Html.text(lane.title()),
            Html.text(lane.facts().getOrDefault("software", "")),
            Html.text(lane.facts().getOrDefault("tls", "")),
            Html.text(more));
  }

  private String goals() {
    String rows =
        run.subject().goals().stream()
            .map(goal -> goal.value(run.results()).map(value -> goalRow(goal, value)))
            .flatMap(Optional::stream)
            .collect(Collectors.joining("\n"));
    return rows.isEmpty()
        ? ""
        : """
        <section><h2>Goals</h2>
        <div class="scroll"><table><thead><tr><th>Culvert</th><th>Goal</th><th>Here</th><th></th></tr></thead>
        <tbody>%s</tbody></table></div></section>
        """
            .formatted(rows);
  }

  private static String goalRow(Goal goal, double value) {
    Metric metric = goal.metric();
    boolean ratio = goal.against().isPresent();
    String unit = ratio ? " of " + goal.against().get() : " " + metric.unit().text();
    return "<tr><th>%s: %s, %s</th><td>%s %s%s</td><td>%s</td><td class=\"%s\">%s</td></tr>"
        .formatted(
            Html.text(goal.lane()),
            Html.text(metric.group().title()),
            Html.text(metric.title()),
            metric.group().moreIsBetter() ? "at least" : "at most",
            ratio ? Digits.ratio(goal.bound()) : Digits.of(goal.bound()),
            Html.text(unit),
            ratio ? Digits.ratio(value) : Digits.of(value),
            goal.reached(value) ? "yes" : "no",
            goal.reached(value) ? "reached" : "not yet");
  }

  private String group(Metric.Group group) {
    String charts =
        Arrays.stream(Metric.values())
            .filter(metric -> metric.group() == group)
            .map(this::chart)
            .collect(Collectors.joining());
    return charts.isEmpty()
        ? ""
        : "<section><h2>%s</h2><p class=\"how\">%s; %s is better</p><div class=\"charts\">%s</div></section>%n"
            .formatted(
                Html.text(group.title()),
                Html.text(group.how()),
                group.moreIsBetter() ? "more" : "less",
                charts);
  }

  private String chart(Metric metric) {
    List<BarChart.Bar> bars = new ArrayList<>();
    for (int i = 0; i < run.lanes().size(); i++) {
      Run.About lane = run.lanes().get(i);
      int style = i;
      run.results()
          .spread(lane.name(), metric)
          .ifPresent(
              spread ->
                  bars.add(new BarChart.Bar(lane.title(), style, spread, ratio(lane, metric))));
    }
    return bars.isEmpty()
        ? ""
        : "<figure><figcaption>%s <span>%s</span></figcaption>%s</figure>%n"
            .formatted(
                Html.text(metric.title()),
                Html.text(metric.unit().text()),
                new BarChart(metric, bars).svg());
  }

  private Optional<Double> ratio(Run.About lane, Metric metric) {
    return lane.name().equals(run.subject().base())
        ? Optional.empty()
        : run.results().ratio(lane.name(), run.subject().base(), metric);
  }

  private String how() {
    return """
    <section><h2>How</h2>
    <p>%s Rounds go through all lanes in turn,
    with proxies started anew. A bar is the median, the line over it goes from the least figure to the most, and the ratio is the median of
    the rounds' ratios to %s. Bars of different charts have different scales.</p>
    <p>Made by <code>%s</code></p></section>
    """
        .formatted(
            Html.text(run.subject().setting()),
            Html.text(run.subject().baseTitle()),
            Html.text(run.command()));
  }
}

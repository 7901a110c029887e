// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.report;

import dev.culvert.perf.bench.measure.Metric;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A run for programs: each figure of each round, and what the report shows of them. */
public final class JsonReport {
  private JsonReport() {}

  /** The document. */
  public static String of(Run run) {
    Map<String, Object> root = new LinkedHashMap<>();
    root.put("command", run.command());
    root.put("started", run.started());
    root.put("machine", run.machine());
    root.put("rounds", run.rounds());
    root.put("notes", run.notes());
    root.put("lanes", run.lanes().stream().map(JsonReport::lane).toList());
    List<Object> figures = new ArrayList<>();
    for (Run.About lane : run.lanes()) {
      for (Metric metric : Metric.values()) {
        add(figures, run, lane.name(), metric);
      }
    }
    root.put("figures", figures);
    return Json.of(root) + "\n";
  }

  private static Map<String, Object> lane(Run.About lane) {
    return Map.of("name", lane.name(), "title", lane.title(), "facts", lane.facts());
  }

  private static void add(List<Object> figures, Run run, String lane, Metric metric) {
    Results results = run.results();
    String base = run.subject().base();
    results
        .spread(lane, metric)
        .ifPresent(
            spread -> {
              Map<String, Object> figure = new LinkedHashMap<>();
              figure.put("lane", lane);
              figure.put("metric", metric.key());
              figure.put("unit", metric.unit().text());
              figure.put("median", spread.median());
              figure.put("least", spread.least());
              figure.put("most", spread.most());
              results
                  .ratio(lane, base, metric)
                  .ifPresent(ratio -> figure.put("against-" + base, ratio));
              figure.put("rounds", results.figures(lane, metric));
              figures.add(figure);
            });
  }
}

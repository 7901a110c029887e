// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.report;

import dev.culvert.perf.bench.measure.Metric;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** All figures of a run. Not thread-safe. */
public final class Results {
  private final Map<String, Map<Metric, Map<Integer, Double>>> figures = new LinkedHashMap<>();

  /** Puts down one figure. */
  public void add(String lane, int round, Metric metric, double value) {
    figures
        .computeIfAbsent(lane, any -> new EnumMap<>(Metric.class))
        .computeIfAbsent(metric, any -> new TreeMap<>())
        .put(round, value);
  }

  /** The lanes that have figures, in the order they came. */
  public Set<String> lanes() {
    return figures.keySet();
  }

  /** By round. */
  public List<Double> figures(String lane, Metric metric) {
    return List.copyOf(byRound(lane, metric).values());
  }

  /** None when the lane has no figure of that metric. */
  public Optional<Spread> spread(String lane, Metric metric) {
    List<Double> all = figures(lane, metric);
    return all.isEmpty() ? Optional.empty() : Optional.of(Spread.of(all));
  }

  /**
   * A lane beside another: the median of the rounds' ratios, so that what the machine did in a
   * round falls on both.
   */
  public Optional<Double> ratio(String lane, String base, Metric metric) {
    Map<Integer, Double> bases = byRound(base, metric);
    List<Double> ratios = new ArrayList<>();
    byRound(lane, metric)
        .forEach(
            (round, value) -> {
              double other = bases.getOrDefault(round, 0.0);
              if (other > 0) {
                ratios.add(value / other);
              }
            });
    return ratios.isEmpty() ? Optional.empty() : Optional.of(Spread.of(ratios).median());
  }

  private Map<Integer, Double> byRound(String lane, Metric metric) {
    return figures.getOrDefault(lane, Map.of()).getOrDefault(metric, Map.of());
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The counters of all pairs of workloads, at most so many, forgotten when unused. Any thread. */
final class PairTable {
  private final Map<TrafficLabels, PairCounters> pairs = new ConcurrentHashMap<>();
  private final MeterRegistry registry;
  private final SeriesLimits limits;

  PairTable(MeterRegistry registry, SeriesLimits limits) {
    this.registry = registry;
    this.limits = limits;
  }

  /** The counters of a connection, in use until they are released. */
  PairCounters acquire(ConnectionInfo info) {
    TrafficLabels labels = TrafficLabels.of(info);
    while (true) {
      PairCounters counters = pairs.get(labels);
      if (counters == null) {
        counters = make(labels);
      }
      if (counters.acquire()) {
        return counters;
      }
      // They were forgotten just now; the next look makes new ones.
    }
  }

  private PairCounters make(TrafficLabels labels) {
    TrafficLabels counted = pairs.size() < limits.most() ? labels : labels.beyondLimit();
    return pairs.computeIfAbsent(counted, made -> new PairCounters(registry, made));
  }

  void forgetUnused() {
    pairs.forEach(
        (labels, counters) -> {
          if (counters.retire(limits.idle().toNanos())) {
            // Its meters go first: new counters of the same labels must find their names free.
            counters.remove();
            pairs.remove(labels, counters);
          }
        });
  }
}

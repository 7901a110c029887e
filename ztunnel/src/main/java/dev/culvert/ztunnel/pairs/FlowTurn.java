// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.pairs;

import dev.culvert.ztunnel.telemetry.EndedConnections;
import java.util.HashMap;
import java.util.Map;
import java.util.function.BiConsumer;

/**
 * Reports that are read at once, gathered by their ends: who they are is looked up once for all of
 * the same. Thread {@code pairs}.
 */
final class FlowTurn {
  private final Map<FlowReport.Ends, EndedConnections> gathered = new HashMap<>();
  private final BiConsumer<FlowReport.Ends, EndedConnections> told;
  private byte[] last = new byte[0];
  private FlowReport.Ends ends;
  private EndedConnections those;

  /**
   * @param told gets those of the same ends, when they are many or the turn is over
   */
  FlowTurn(BiConsumer<FlowReport.Ends, EndedConnections> told) {
    this.told = told;
  }

  void add(FlowReport report) {
    if (those == null || !report.hasEndsOf(last)) {
      last = report.copy();
      ends = report.ends();
      those = gathered.computeIfAbsent(ends, _ -> new EndedConnections());
    }
    those.add(report.clientPort(), report.sent(), report.received(), report.millis());
    if (those.isFull()) {
      gathered.remove(ends);
      told.accept(ends, those);
      those = null;
    }
  }

  void over() {
    gathered.forEach(told);
    gathered.clear();
    those = null;
  }
}

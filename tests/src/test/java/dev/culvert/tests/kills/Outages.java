// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.kills;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/** When each node had no ztunnel, from the kill to its readiness; nanoseconds. Any thread. */
final class Outages {
  private static final long UNTIL_NOW = Long.MAX_VALUE;

  private record Outage(String node, long from, long until) {}

  private final List<Outage> all = new ArrayList<>();

  synchronized void begin(String node) {
    all.add(new Outage(node, System.nanoTime(), UNTIL_NOW));
  }

  synchronized void end(String node) {
    long now = System.nanoTime();
    all.replaceAll(
        each ->
            each.node().equals(node) && each.until() == UNTIL_NOW
                ? new Outage(node, each.from(), now)
                : each);
  }

  /** Whether one of the nodes was without a ztunnel at some time between. */
  synchronized boolean explain(Set<String> nodes, long from, long until) {
    return all.stream()
        .filter(each -> nodes.contains(each.node()))
        .anyMatch(each -> each.from() <= until && from <= each.until());
  }
}

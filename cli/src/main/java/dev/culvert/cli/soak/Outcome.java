// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import dev.culvert.cli.soak.Job.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * How it went.
 *
 * @param deeds how often each was done
 * @param troubles what is wrong beside connections
 */
record Outcome(
    SoakPlan plan,
    Counts counts,
    Map<Deed, Integer> deeds,
    Curves curves,
    Heaps heaps,
    List<String> troubles) {

  boolean passed() {
    return reasons().isEmpty();
  }

  /** Why it failed; empty when it passed. */
  List<String> reasons() {
    List<String> reasons = new ArrayList<>(counts.faults());
    long untold = counts.faultCount() - counts.faults().size();
    if (untold > 0) {
      reasons.add("and %d more connections".formatted(untold));
    }
    for (Deed deed : Deed.values()) {
      if (deeds.getOrDefault(deed, 0) == 0) {
        reasons.add("never happened: " + deed);
      }
    }
    for (Kind kind : Kind.values()) {
      if (counts.ended().getOrDefault(kind, 0L) == 0) {
        reasons.add("never ended as it was to: a %s connection".formatted(kind.word()));
      }
    }
    reasons.addAll(Growth.of(curves.all()));
    reasons.addAll(heaps.grown());
    reasons.addAll(troubles);
    return reasons;
  }

  String summary() {
    List<String> reasons = reasons();
    return "%s: %d connections opened, %d MB moved and checked, %d ended by the churn as they had to, %s"
        .formatted(
            reasons.isEmpty() ? "PASSED" : "FAILED",
            counts.opened(),
            counts.bytes() >> 20,
            counts.explainedCount(),
            reasons.isEmpty() ? "no errors" : "%d errors".formatted(reasons.size()));
  }
}

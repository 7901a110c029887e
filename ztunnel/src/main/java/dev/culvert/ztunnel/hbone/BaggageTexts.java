// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.hbone;

import dev.culvert.ztunnel.xds.Workload;

/**
 * The baggage of the workloads that connections come from and go to, which are the node's own and
 * so few. Kept by instance: a workload that changed is another one. A race of threads only writes
 * the same text twice.
 */
final class BaggageTexts {
  private record Said(Workload workload, String text) {}

  private static final int SLOTS = 1024;
  private static final Said[] KEPT = new Said[SLOTS];

  private BaggageTexts() {}

  @SuppressWarnings("ReferenceEquality") // comparing all of two workloads costs more than the text
  static String of(Workload workload) {
    int slot = System.identityHashCode(workload) & (SLOTS - 1);
    Said said = KEPT[slot];
    if (said == null || said.workload() != workload) {
      said = new Said(workload, Baggage.write(workload));
      KEPT[slot] = said;
    }
    return said.text();
  }
}

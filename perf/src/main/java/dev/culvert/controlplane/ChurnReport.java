// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** What was measured, as a table in Markdown; also printed as it comes. */
final class ChurnReport {
  private final StringBuilder rows = new StringBuilder("\n| | |\n|---|---|\n");
  private final OperatingSystemMXBean system =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  void line(String what, Object value) {
    rows.append("| ").append(what).append(" | ").append(value).append(" |\n");
    System.out.println(what + ": " + value);
  }

  void latencies(String what, Latencies latencies) {
    line(what + " (ms: median / p99 / most)", latencies);
  }

  /** What is left after a collection. */
  void heap(String what) {
    System.gc();
    Runtime runtime = Runtime.getRuntime();
    line(what, (runtime.totalMemory() - runtime.freeMemory()) >> 20);
  }

  long processorNanos() {
    return system.getProcessCpuTime();
  }

  @Override
  public String toString() {
    return rows.toString();
  }
}

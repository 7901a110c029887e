// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.report;

import java.util.List;
import java.util.Map;

/**
 * One run of the suite.
 *
 * @param subject what it compares
 * @param command that made it
 * @param started date and time, UTC
 * @param machine what it ran on: processor, kernel and so on, in the order to show
 * @param rounds how often each lane was measured
 * @param lanes what was measured, in the order to show
 * @param results the figures
 * @param notes what a reader must know: failures, a machine that was not quiet
 */
public record Run(
    Subject subject,
    String command,
    String started,
    Map<String, String> machine,
    int rounds,
    List<About> lanes,
    Results results,
    List<String> notes) {

  /**
   * A lane.
   *
   * @param facts software, version, transport, TLS engine
   */
  public record About(String name, String title, Map<String, String> facts) {}
}

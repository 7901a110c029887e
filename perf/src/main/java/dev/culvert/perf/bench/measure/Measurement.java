// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.measure;

import dev.culvert.perf.bench.lane.OpenLane;
import java.io.IOException;

/** One run of load. */
public interface Measurement {
  /** For the person who watches. */
  String title();

  /** Whether there is something to measure in such a lane. */
  default boolean appliesTo(OpenLane lane) {
    return true;
  }

  /** Runs it. */
  void run(OpenLane lane, Figures figures) throws IOException;
}

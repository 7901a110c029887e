// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.measure;

import dev.culvert.perf.bench.lane.OpenLane;
import java.io.IOException;

/** From telling the mesh of a pod to the first byte that went through it. */
public record Enrolment() implements Measurement {
  @Override
  public String title() {
    return "enrolment";
  }

  @Override
  public boolean appliesTo(OpenLane lane) {
    return lane.enrols();
  }

  @Override
  public void run(OpenLane lane, Figures figures) throws IOException {
    figures.add(Metric.ENROLMENT, lane.enrolment().toNanos() / 1e6);
  }
}

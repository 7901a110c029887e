// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.train;

import dev.culvert.cli.lab.Lab;
import dev.culvert.cli.lab.LabApps;
import dev.culvert.cli.lab.LabClient;
import dev.culvert.cli.lab.LabPod;
import dev.culvert.cli.lab.LabProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** What pods of two nodes send each other: bulk, short messages, and short connections. */
final class Traffic {
  private static final Duration BUSY = Duration.ofSeconds(60);

  private Traffic() {}

  /** Both ways at once; returns when all of it is over. */
  static void between(Lab lab, LabPod near, LabPod far) throws IOException {
    List<LabProcess> churns = new ArrayList<>();
    churns.add(churn(lab, near, far));
    churns.add(churn(lab, far, near));
    for (LabProcess churn : churns) {
      churn.awaitLine("churned ", BUSY);
    }
  }

  private static LabProcess churn(Lab lab, LabPod from, LabPod to) throws IOException {
    return LabClient.start(lab, from, LabClient.Mode.CHURN, to.ip4(), LabApps.ECHO_PORT);
  }
}

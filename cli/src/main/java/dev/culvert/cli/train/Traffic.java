// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.train;

import dev.culvert.cli.lab.Lab;
import dev.culvert.cli.lab.LabApps;
import dev.culvert.cli.lab.LabClient;
import dev.culvert.cli.lab.LabPod;
import dev.culvert.cli.lab.LabProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.List;

/** What pods of two nodes send each other: bulk, short messages, and short connections. */
final class Traffic {
  private static final Duration BUSY = Duration.ofSeconds(60);

  private final List<LabProcess> churns;

  private Traffic(List<LabProcess> churns) {
    this.churns = List.copyOf(churns);
  }

  /** Begins, both ways at once. */
  static Traffic between(Lab lab, LabPod near, LabPod far) throws IOException {
    return new Traffic(List.of(churn(lab, near, far), churn(lab, far, near)));
  }

  private static LabProcess churn(Lab lab, LabPod from, LabPod to) throws IOException {
    return LabClient.start(lab, from, LabClient.Mode.CHURN, to.ip4(), LabApps.ECHO_PORT);
  }

  /** Returns when all of it is over. */
  void await() throws IOException {
    for (LabProcess churn : churns) {
      churn.awaitLine("churned ", BUSY);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import dev.culvert.cli.lab.Await;
import dev.culvert.cli.lab.LabNode;
import dev.culvert.cli.lab.LabProcess;
import java.io.IOException;

/** A ztunnel is upgraded under a running transfer: the next has what is new, nothing breaks. */
final class UpgradedZtunnel implements Proof {
  private static final int REQUESTS = 10;

  @Override
  public String claim() {
    return "An upgraded ztunnel loses no connection, neither open nor new";
  }

  @Override
  public Findings examine(DemoMesh mesh) throws IOException {
    Findings findings = new Findings();
    LabNode node = mesh.node1();
    RunningTransfer transfer = RunningTransfer.start(mesh);
    LabProcess old = mesh.ztunnel(node);
    LabProcess next = mesh.startNextZtunnel(node);
    old.end();
    AccessLog log = new AccessLog(next);
    int known = log.size();
    int answered = 0;
    for (int i = 0; i < REQUESTS; i++) {
      answered += mesh.curl("client", "http://web/").ok() ? 1 : 0;
    }
    log.await(known, "it", c -> c.has("src.workload", "client"));
    findings.saw(
        answered == REQUESTS,
        "process %d took over from %d: %d of %d new connections answered"
            .formatted(next.pid(), old.pid(), answered, REQUESTS));
    long before = transfer.moved();
    long after = transfer.awaitMore();
    findings.saw(
        old.isAlive() && after > before,
        "the old one carries the transfer on: %d MiB moved by then".formatted(after >> 20));
    transfer.endAndVerify(findings);
    Await.until("the old ztunnel ends", Timing.SOON, () -> !old.isAlive());
    findings.saw(old.exitCode(Timing.SOON) == 0, "then nothing was open, and it ended by itself");
    return findings;
  }
}

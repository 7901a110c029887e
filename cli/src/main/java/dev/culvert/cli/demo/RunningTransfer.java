// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import dev.culvert.cli.lab.Await;
import dev.culvert.cli.lab.LabClient;
import dev.culvert.cli.lab.LabProcess;
import java.io.IOException;

/** Bytes on their way from client to db and back, each of them checked. */
final class RunningTransfer {
  private static final long ENOUGH = 4L << 20;

  private final LabProcess process;

  private RunningTransfer(LabProcess process) {
    this.process = process;
  }

  /** Starts one and waits until it moves. */
  static RunningTransfer start(DemoMesh mesh) throws IOException {
    LabProcess process =
        LabClient.start(
            mesh.lab(), mesh.pod("client"), LabClient.Mode.TRANSFER, "db", DemoResources.ECHO);
    RunningTransfer transfer = new RunningTransfer(process);
    transfer.awaitMore();
    return transfer;
  }

  /** Bytes that came back so far. */
  long moved() throws IOException {
    return process.lines().stream()
        .filter(line -> line.startsWith("moved "))
        .reduce((first, last) -> last)
        .map(line -> LabClient.number(line, "bytes"))
        .orElse(0L);
  }

  /** Waits until some MiB more have come back; how many there are then. */
  long awaitMore() throws IOException {
    long enough = moved() + ENOUGH;
    Await.until("the transfer moves", Timing.SOON, () -> moved() >= enough);
    return moved();
  }

  /** Ends it and finds whether each byte came back in its place. */
  void endAndVerify(Findings findings) throws IOException {
    process.endInput();
    String done = process.awaitLine("done ", Timing.SOON);
    long sent = LabClient.number(done, "sent");
    long verified = LabClient.number(done, "verified");
    long wrong = LabClient.number(done, "wrong");
    findings.saw(
        sent == verified && wrong == 0,
        "sent %d bytes, %d came back, %d wrong".formatted(sent, verified, wrong));
  }
}

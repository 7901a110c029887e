// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import dev.culvert.cli.answer.ExitCode;
import dev.culvert.cli.lab.RunningLab;
import java.io.IOException;

/** The state of a mesh that was kept. */
final class DemoStatus {
  private DemoStatus() {}

  /** Answers 1 when one of its daemons does not run. */
  static int print(String name) throws IOException {
    RunningLab lab = RunningLab.of(name);
    Screen screen = Screen.standard();
    screen.title("pods");
    lab.pods().forEach((pod, place) -> screen.line("  %-17s %s".formatted(pod, place.netns())));
    screen.title("processes");
    boolean all = true;
    for (RunningLab.Member process : lab.processes().stream().filter(DemoStatus::lasts).toList()) {
      screen.line(
          "  %-17s %-8d %s"
              .formatted(process.name(), process.pid(), process.alive() ? "runs" : "does not run"));
      all &= process.alive();
    }
    return all ? ExitCode.OK : ExitCode.FAILURE;
  }

  /** Clients and recordings of the proofs have done their work. */
  private static boolean lasts(RunningLab.Member process) {
    return !process.name().startsWith("client-") && !process.name().startsWith("tcpdump-");
  }
}

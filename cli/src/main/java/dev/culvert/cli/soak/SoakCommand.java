// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.soak;

import dev.culvert.cli.answer.ExitCode;
import dev.culvert.cli.answer.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code culvert soak}: the whole mesh under churn, for as long as is asked. */
@Command(
    name = "soak",
    description = "Run a whole mesh on this machine under churn and check every byte. Needs root.",
    footer = "Exit code: 0 all was as it must be, 1 something was not, 2 used wrongly.")
public final class SoakCommand implements Callable<Integer> {
  private static final int MILLIS = 60_000;

  @Option(
      names = "--minutes",
      defaultValue = "10",
      description = "How long under load, also as 0.6. Default: 10")
  private double minutes;

  @Option(
      names = "--seed",
      defaultValue = "1",
      description = "Of what is opened and done, in which order. Default: 1")
  private long seed;

  @Option(
      names = "--connections",
      defaultValue = "24",
      description = "How many are open at once. Default: 24")
  private int connections;

  @Option(names = "--name", defaultValue = "soak", description = "Name of the mesh. Default: soak")
  private String name;

  @Option(
      names = "--out",
      defaultValue = ".culvert/soak",
      description = "Folder for result.md and its curves. Default: .culvert/soak")
  private Path out;

  @Override
  public Integer call() throws IOException {
    if (!(minutes >= 0.5 && minutes <= 60 * 24)) {
      throw new UsageException("--minutes %s: choose 0.5 to 1440".formatted(minutes));
    }
    if (connections < 1 || connections > 500) {
      throw new UsageException("--connections %d: choose 1 to 500".formatted(connections));
    }
    if (!"root".equals(System.getProperty("user.name"))
        && !Files.isWritable(Path.of("/run/netns"))) {
      throw new UsageException("network namespaces and eBPF need root: sudo ./culvert soak");
    }
    SoakPlan plan =
        new SoakPlan(name, Duration.ofMillis(Math.round(minutes * MILLIS)), seed, connections);
    return new Soak(plan, out, System.out).run() ? ExitCode.OK : ExitCode.FAILURE;
  }
}

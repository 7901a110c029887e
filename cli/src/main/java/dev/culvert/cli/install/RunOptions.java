// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.install;

import dev.culvert.cli.answer.UsageException;
import dev.culvert.policy.settings.Setting;
import java.time.Duration;
import picocli.CommandLine.Option;

/** How a change of a cluster is carried out. */
final class RunOptions {
  @Option(
      names = "--dry-run",
      description = "Print what would be applied, as YAML; no cluster is asked.")
  private boolean dryRun;

  @Option(names = "--no-wait", description = "Return without waiting until it runs.")
  private boolean noWait;

  @Option(
      names = "--timeout",
      paramLabel = "10m",
      defaultValue = "10m",
      description = "How long to wait. Default: 10m")
  private String timeout;

  boolean isDryRun() {
    return dryRun;
  }

  boolean waits() {
    return !noWait;
  }

  Duration patience() {
    return duration("timeout", timeout);
  }

  /** The span of time that the option says. */
  static Duration duration(String option, String text) {
    try {
      return Setting.duration(option, Duration.ZERO, "").parser().apply(text);
    } catch (IllegalArgumentException e) {
      throw new UsageException("--%s %s: %s, such as 10m".formatted(option, text, e.getMessage()));
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.install;

import dev.culvert.cli.answer.UsageException;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/**
 * {@code culvert upgrade}: this version and these values in the place of what runs. ztunnels hand
 * over one by one, so connections go on.
 */
@Command(
    name = "upgrade",
    description = "Bring an installed Culvert to this version and to these values.",
    footer = {
      "Values that are not given have their defaults, also where the last time they had not.",
      "Exit code: 0 it runs, 1 it does not, 2 used wrongly."
    })
public final class UpgradeCommand implements Callable<Integer> {
  @Mixin private Change change;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    return change.run(UpgradeCommand::expect, spec.commandLine().getOut());
  }

  private static void expect(Optional<Cluster.Installed> installed) {
    if (installed.isEmpty()) {
      throw new UsageException("Culvert is not installed there; 'culvert install' does that");
    }
  }
}

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

/** {@code culvert install}: the chart with your values, onto the cluster of KUBECONFIG. */
@Command(
    name = "install",
    description = "Install Culvert on a cluster and wait until it runs.",
    footer = "Exit code: 0 it runs, 1 it does not, 2 used wrongly.")
public final class InstallCommand implements Callable<Integer> {
  @Mixin private Change change;
  @Spec private CommandSpec spec;

  @Override
  public Integer call() throws IOException {
    return change.run(InstallCommand::expect, spec.commandLine().getOut());
  }

  private static void expect(Optional<Cluster.Installed> installed) {
    if (installed.isPresent()) {
      throw new UsageException(
          "Culvert %s is installed already; change it with 'culvert upgrade'"
              .formatted(installed.get().version()));
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli;

import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints the version, the JVM and the kernel: what a bug report needs. */
@Command(name = "version", description = "Print the versions of Culvert, the JVM and the kernel.")
final class VersionCommand implements Callable<Integer> {
  @Spec private CommandSpec spec;

  @Override
  public Integer call() {
    String version =
        Optional.ofNullable(Culvert.class.getPackage().getImplementationVersion()).orElse("dev");
    spec.commandLine()
        .getOut()
        .printf(
            "culvert %s%nJVM     %s%nkernel  %s %s %s%n",
            version,
            Runtime.version(),
            System.getProperty("os.name"),
            System.getProperty("os.version"),
            System.getProperty("os.arch"));
    return ExitCode.OK;
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.demo;

import dev.culvert.cli.answer.ExitCode;
import dev.culvert.cli.answer.UsageException;
import dev.culvert.cli.lab.Lab;
import dev.culvert.cli.lab.LabPlace;
import dev.culvert.cli.lab.RunningLab;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ScopeType;

/** {@code culvert demo}: the whole mesh on this machine, with proofs. */
@Command(
    name = "demo",
    description = "Build a whole mesh on this machine and prove what it does. Needs root.",
    footer = "Exit code: 0 every proof passed, 1 one failed, 2 used wrongly.")
public final class DemoCommand implements Callable<Integer> {
  @Option(
      names = {"-k", "--keep"},
      description = "Leave the mesh running and print what to do with it.")
  private boolean keep;

  @Option(names = "--no-proofs", description = "Only bring the mesh up; with --keep.")
  private boolean withoutProofs;

  @Option(
      names = "--name",
      scope = ScopeType.INHERIT,
      defaultValue = "demo",
      description = "Name of the mesh; several can run beside each other. Default: demo")
  private String name;

  @Override
  public Integer call() throws IOException {
    requireRoot();
    if (withoutProofs && !keep) {
      throw new UsageException("--no-proofs alone shows nothing; add --keep");
    }
    return new Demo(name, keep, !withoutProofs, Screen.standard()).run();
  }

  @Command(name = "up", description = "The same as demo alone.")
  int up(
      @Option(
              names = {"-k", "--keep"},
              description = "Leave the mesh running.")
          boolean keepIt)
      throws IOException {
    keep |= keepIt;
    return call();
  }

  @Command(name = "down", description = "Remove a mesh that was kept or left by a crash.")
  int down() throws IOException {
    requireRoot();
    boolean removed = Lab.destroy(name);
    System.out.println(removed ? "culvert: removed " + name : "culvert: nothing to remove");
    return ExitCode.OK;
  }

  @Command(name = "status", description = "Show the pods and processes of a mesh that was kept.")
  int status() throws IOException {
    return DemoStatus.print(name);
  }

  @Command(
      name = "exec",
      description =
          "Run a command in a pod of a mesh that was kept: demo exec client curl http://web/")
  int exec(
      @Parameters(index = "0", paramLabel = "POD", description = "Name of the pod.") String pod,
      @Parameters(
              index = "1..*",
              arity = "1..*",
              paramLabel = "COMMAND",
              description = "What to run.")
          List<String> command)
      throws IOException, InterruptedException {
    requireRoot();
    LabPlace place = RunningLab.of(name).place(pod);
    return new ProcessBuilder(place.wrap(command)).inheritIO().start().waitFor();
  }

  private static void requireRoot() {
    if (!"root".equals(System.getProperty("user.name"))
        && !Files.isWritable(Path.of("/run/netns"))) {
      throw new UsageException("network namespaces and eBPF need root: sudo ./culvert demo");
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.culvert.cli.answer.Causes;
import dev.culvert.cli.answer.ExitCode;
import dev.culvert.cli.answer.UsageException;
import dev.culvert.cli.check.CheckCommand;
import dev.culvert.cli.daemon.Daemon;
import dev.culvert.cli.daemon.DaemonArguments;
import dev.culvert.cli.daemon.DaemonCommand;
import dev.culvert.cli.daemon.Daemons;
import dev.culvert.cli.demo.DemoCommand;
import dev.culvert.cli.install.InstallCommand;
import dev.culvert.cli.install.UninstallCommand;
import dev.culvert.cli.install.UpgradeCommand;
import dev.culvert.cli.lab.LabApps;
import dev.culvert.cli.lab.LabClient;
import dev.culvert.cli.log.Logs;
import dev.culvert.cli.node.NodeCommand;
import dev.culvert.cli.soak.SoakApps;
import dev.culvert.cli.soak.SoakCommand;
import dev.culvert.cli.status.StatusCommand;
import dev.culvert.cli.train.Requests;
import dev.culvert.cli.train.TrainCommand;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** The culvert command: finds the subcommand and answers with its exit code. */
public final class Culvert {
  private final List<Daemon> daemons;
  private final Map<String, String> environment;
  private PrintWriter out = new PrintWriter(System.out, true, UTF_8);
  private PrintWriter err = new PrintWriter(System.err, true, UTF_8);

  Culvert(List<Daemon> daemons, Map<String, String> environment) {
    this.daemons = daemons;
    this.environment = environment;
  }

  private CommandLine line() {
    CommandLine line = new CommandLine(root());
    daemons.forEach(daemon -> line.addSubcommand(daemon.name(), DaemonCommand.of(daemon)));
    line.addSubcommand(new DemoCommand());
    line.addSubcommand(new SoakCommand());
    line.addSubcommand(new InstallCommand());
    line.addSubcommand(new UpgradeCommand());
    line.addSubcommand(new UninstallCommand());
    line.addSubcommand(new CheckCommand());
    line.addSubcommand(new StatusCommand());
    line.addSubcommand(new NodeCommand());
    line.addSubcommand(new VersionCommand());
    line.addSubcommand(new TrainCommand());
    addHelp(line);
    line.setOut(out);
    line.setErr(err);
    // What follows the pod in 'demo exec' belongs to the command that is run there.
    line.setStopAtPositional(true);
    line.setExecutionStrategy(this::execute);
    line.setParameterExceptionHandler(WrongUse::answer);
    line.setExecutionExceptionHandler(Culvert::failed);
    return line;
  }

  /** Runs one command. */
  public static void main(String[] arguments) throws IOException {
    String first = arguments.length == 0 ? "" : arguments[0];
    switch (first) {
      // Programs inside the pods of a lab, not for people: without the cost of the parser.
      case LabApps.COMMAND -> LabApps.main(rest(arguments));
      case LabClient.COMMAND -> LabClient.main(rest(arguments));
      case SoakApps.COMMAND -> SoakApps.main(rest(arguments));
      case Requests.COMMAND -> Requests.main(rest(arguments));
      // How Istio's DaemonSet starts its ztunnel: 'proxy ztunnel'.
      case "proxy" -> command(rest(arguments));
      default -> command(arguments);
    }
  }

  private static String[] rest(String[] arguments) {
    return Arrays.copyOfRange(arguments, 1, arguments.length);
  }

  private static void command(String[] arguments) {
    int code = new Culvert(Daemons.all(), System.getenv()).run(arguments);
    System.exit(code);
  }

  int run(String... arguments) {
    Optional<Daemon> daemon = daemon(arguments.length == 0 ? "" : arguments[0]);
    Optional<DaemonArguments> plain = daemon.flatMap(one -> plain(one, arguments));
    if (plain.isPresent()) {
      return run(daemon.get(), plain.get());
    }
    return line().execute(arguments);
  }

  private static Optional<DaemonArguments> plain(Daemon daemon, String[] arguments) {
    return DaemonArguments.plain(
        DaemonCommand.known(daemon).keySet(), List.of(arguments).subList(1, arguments.length));
  }

  Culvert writingTo(PrintWriter out, PrintWriter err) {
    this.out = out;
    this.err = err;
    return this;
  }

  private int execute(ParseResult parsed) {
    Integer help = CommandLine.executeHelpRequest(parsed);
    if (help != null) {
      return help;
    }
    if (!parsed.hasSubcommand()) {
      parsed.commandSpec().commandLine().usage(err);
      return ExitCode.USAGE;
    }
    ParseResult sub = parsed.subcommand();
    Optional<Daemon> daemon = daemon(sub.commandSpec().name());
    if (daemon.isPresent()) {
      return run(daemon.get(), DaemonCommand.arguments(daemon.get(), sub));
    }
    Logs.warnOnly();
    return new CommandLine.RunLast().execute(parsed);
  }

  private Optional<Daemon> daemon(String name) {
    return daemons.stream().filter(daemon -> daemon.name().equals(name)).findFirst();
  }

  private int run(Daemon daemon, DaemonArguments arguments) {
    try {
      return DaemonCommand.run(daemon, arguments, environment);
    } catch (UsageException e) {
      return failed(e, "culvert " + daemon.name(), err);
    }
  }

  private static int failed(Exception failure, CommandLine command, ParseResult parsed) {
    return failed(failure, command.getCommandSpec().qualifiedName(), command.getErr());
  }

  private static int failed(Exception failure, String command, PrintWriter err) {
    boolean usage = failure instanceof UsageException;
    err.printf("%s: %s%n", command, Causes.of(failure));
    if (!usage && System.getenv("CULVERT_JAVA_OPTS") != null) {
      failure.printStackTrace(err);
    }
    err.flush();
    return usage ? ExitCode.USAGE : ExitCode.FAILURE;
  }

  private static CommandSpec root() {
    CommandSpec spec = CommandSpec.create().name("culvert");
    spec.usageMessage().description("A sidecarless service mesh.").width(100);
    return spec;
  }

  /** Every command has it; the daemons bring their own, which says more. */
  private static void addHelp(CommandLine command) {
    CommandSpec spec = command.getCommandSpec();
    if (spec.findOption("--help") == null) {
      spec.addOption(
          OptionSpec.builder("-h", "--help")
              .usageHelp(true)
              .description("Show this help.")
              .build());
    }
    command.getSubcommands().values().forEach(Culvert::addHelp);
  }
}

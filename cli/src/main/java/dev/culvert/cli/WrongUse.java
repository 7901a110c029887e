// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli;

import dev.culvert.cli.answer.ExitCode;
import dev.culvert.cli.daemon.DaemonArguments;
import dev.culvert.policy.settings.InvalidSettingException;
import dev.culvert.policy.settings.Setting;
import dev.culvert.policy.settings.Settings;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Answers arguments that do not parse: one line with the nearest known name, exit code 2. */
final class WrongUse {
  private WrongUse() {}

  static int answer(ParameterException wrong, String[] arguments) {
    CommandLine command = wrong.getCommandLine();
    PrintWriter err = command.getErr();
    String name = command.getCommandSpec().qualifiedName();
    err.printf("%s: %s%n", name, problem(wrong, command));
    err.printf("Try '%s --help'.%n", name);
    err.flush();
    return ExitCode.USAGE;
  }

  private static String problem(ParameterException wrong, CommandLine command) {
    if (wrong instanceof UnmatchedArgumentException unmatched) {
      return unknown(unmatched.getUnmatched().getFirst(), command);
    }
    return wrong.getMessage();
  }

  private static String unknown(String argument, CommandLine command) {
    if (argument.startsWith("--")) {
      return option(argument.substring(2).replaceFirst("=.*", ""), command);
    }
    List<String> names = command.getSubcommands().keySet().stream().toList();
    return names.isEmpty()
        ? "unexpected '" + argument + "'"
        : nearest(argument, names).replace("setting", "command");
  }

  /** A daemon's options are its settings. */
  private static String option(String name, CommandLine command) {
    String said = nearest(name, options(command));
    boolean daemon = command.getCommandSpec().findOption(DaemonArguments.CONFIG) != null;
    return daemon
        ? said
        : "--"
            + said.replace("unknown setting", "unknown option")
                .replace("did you mean ", "did you mean --");
  }

  private static List<String> options(CommandLine command) {
    return command.getCommandSpec().options().stream()
        .map(OptionSpec::longestName)
        .map(option -> option.replaceFirst("^--", ""))
        .toList();
  }

  /** The settings know how to name the nearest of them. */
  private static String nearest(String key, List<String> names) {
    List<Setting<?>> known =
        names.stream()
            .<Setting<?>>map(
                n -> new Setting<>(n, "", Optional.of(""), false, "", Function.identity()))
            .toList();
    try {
      Settings.of(known, Map.of(key, ""));
      return key + ": not expected here";
    } catch (InvalidSettingException e) {
      return e.getMessage();
    }
  }
}

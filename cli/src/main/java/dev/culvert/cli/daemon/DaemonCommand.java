// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.daemon;

import dev.culvert.cli.answer.UsageException;
import dev.culvert.cli.log.Logs;
import dev.culvert.policy.settings.ForeignSettings;
import dev.culvert.policy.settings.InvalidSettingException;
import dev.culvert.policy.settings.Setting;
import dev.culvert.policy.settings.Settings;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;

/** The subcommand of one daemon: an option per setting, and {@code --config FILE}. */
public final class DaemonCommand {
  private static final Logger LOG = LoggerFactory.getLogger(DaemonCommand.class);

  private DaemonCommand() {}

  /** Names it, its options and its help. */
  public static CommandSpec of(Daemon daemon) {
    CommandSpec spec = CommandSpec.wrapWithoutInspection((Runnable) () -> {});
    spec.name(daemon.name());
    spec.usageMessage()
        .description(daemon.summary())
        .width(100)
        .abbreviateSynopsis(true)
        .sortOptions(true);
    spec.addOption(help());
    spec.addOption(config());
    Map<String, Setting<?>> known = known(daemon);
    known.values().forEach(setting -> spec.addOption(option(setting)));
    return spec;
  }

  /**
   * Reads the settings that were given, sets up the log and runs until SIGTERM.
   *
   * @return the exit code of a start that failed
   * @throws UsageException when a setting is unknown or wrong
   */
  public static int run(Daemon daemon, DaemonArguments arguments, Map<String, String> environment) {
    SettingSources sources = sources(daemon, arguments, environment);
    Settings settings = sources.settings();
    Logs.configure(sources.text(Logs.FORMAT), sources.text(Logs.LEVEL));
    daemon.foreign().notes(environment).forEach(LOG::warn);
    return Lifetime.run(daemon, settings);
  }

  private static SettingSources sources(
      Daemon daemon, DaemonArguments arguments, Map<String, String> environment) {
    return new SettingSources(List.copyOf(known(daemon).values()))
        .file(arguments.file().map(SettingFile::read).orElseGet(SettingFile::none))
        .foreign(foreign(daemon, environment))
        .environment(environment)
        .commandLine(arguments.options());
  }

  /** What picocli made of the arguments. */
  public static DaemonArguments arguments(Daemon daemon, CommandLine.ParseResult parsed) {
    Path file = parsed.matchedOptionValue(DaemonArguments.CONFIG, null);
    return new DaemonArguments(Optional.ofNullable(file), options(known(daemon), parsed));
  }

  private static List<ForeignSettings.Given> foreign(
      Daemon daemon, Map<String, String> environment) {
    try {
      return daemon.foreign().in(environment);
    } catch (InvalidSettingException e) {
      throw new UsageException("environment: " + e.getMessage());
    }
  }

  /** The daemon's own settings, and those of the log when it does not have them itself. */
  public static Map<String, Setting<?>> known(Daemon daemon) {
    Map<String, Setting<?>> known = new LinkedHashMap<>();
    daemon.settings().forEach(setting -> known.put(setting.key(), setting));
    known.putIfAbsent(Logs.FORMAT.key(), Logs.FORMAT);
    known.putIfAbsent(Logs.LEVEL.key(), Logs.LEVEL);
    return known;
  }

  private static Map<String, String> options(
      Map<String, Setting<?>> known, CommandLine.ParseResult parsed) {
    Map<String, String> options = new HashMap<>();
    for (String key : known.keySet()) {
      Optional.ofNullable(parsed.<String>matchedOptionValue("--" + key, null))
          .ifPresent(text -> options.put(key, text));
    }
    return options;
  }

  private static OptionSpec help() {
    return OptionSpec.builder("-h", "--help")
        .usageHelp(true)
        .description("Show every setting with its default and the reason for it.")
        .build();
  }

  private static OptionSpec config() {
    return OptionSpec.builder(DaemonArguments.CONFIG)
        .type(Path.class)
        .paramLabel("FILE")
        .description(
            "Lines of key=value. Environment and command line win over it.",
            "A folder is the same as source=FOLDER.")
        .build();
  }

  private static OptionSpec option(Setting<?> setting) {
    return OptionSpec.builder("--" + setting.key())
        .type(String.class)
        .paramLabel(escape(setting.form()))
        .description(escape(setting.why()), escape(standing(setting)))
        .build();
  }

  private static String standing(Setting<?> setting) {
    String standard =
        setting
            .standard()
            .map(value -> "Default: " + (value.isEmpty() ? "empty" : value))
            .orElse(setting.required() ? "Required" : "Absent unless given");
    return "%s. Environment: %s".formatted(standard, setting.environmentVariable());
  }

  /** picocli formats what it prints. */
  private static String escape(String text) {
    return text.replace("%", "%%").replace("@|", "@ |");
  }
}

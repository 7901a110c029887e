// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.daemon;

import dev.culvert.policy.settings.ForeignSettings;
import dev.culvert.policy.settings.Setting;
import dev.culvert.policy.settings.Settings;
import java.util.List;

/**
 * A process of the mesh as the command line sees it.
 *
 * @param name the subcommand
 * @param summary one line for the help text
 * @param settings every setting it knows
 * @param foreign the same by the names of the program whose place it can take
 * @param starter starts it; what it returns is closed at SIGTERM
 */
public record Daemon(
    String name,
    String summary,
    List<Setting<?>> settings,
    ForeignSettings foreign,
    Starter starter) {

  /** One that takes nobody's place. */
  public Daemon(String name, String summary, List<Setting<?>> settings, Starter starter) {
    this(name, summary, settings, ForeignSettings.NONE, starter);
  }

  /** Starts a process from its settings. */
  @FunctionalInterface
  public interface Starter {
    /** Returns once it serves; what it throws ends the process. */
    AutoCloseable start(Settings settings) throws Exception;
  }
}

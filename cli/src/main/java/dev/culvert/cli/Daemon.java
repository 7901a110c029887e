// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli;

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
record Daemon(
    String name,
    String summary,
    List<Setting<?>> settings,
    ForeignSettings foreign,
    Starter starter) {

  /** One that takes nobody's place. */
  Daemon(String name, String summary, List<Setting<?>> settings, Starter starter) {
    this(name, summary, settings, ForeignSettings.NONE, starter);
  }

  /** Starts a process from its settings. */
  @FunctionalInterface
  interface Starter {
    AutoCloseable start(Settings settings) throws Exception;
  }
}

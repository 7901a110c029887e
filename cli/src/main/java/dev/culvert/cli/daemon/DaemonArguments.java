// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.daemon;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * What a daemon's command line says.
 *
 * @param file of settings
 * @param options the texts of settings by their keys
 */
public record DaemonArguments(Optional<Path> file, Map<String, String> options) {
  /** Names the file of settings. */
  public static final String CONFIG = "--config";

  /**
   * Reads plain {@code --key value} of known keys. It spares a start the classes of the command
   * line's parser, a tenth of a second; whatever else there is, and every mistake, is the parser's.
   *
   * @return empty when there is anything else
   */
  public static Optional<DaemonArguments> plain(Set<String> known, List<String> arguments) {
    Map<String, String> options = new HashMap<>();
    Optional<Path> file = Optional.empty();
    Iterator<String> words = arguments.iterator();
    while (words.hasNext()) {
      String option = words.next();
      if (!option.startsWith("--") || !words.hasNext()) {
        return Optional.empty();
      }
      String value = words.next();
      if (option.equals(CONFIG) && file.isEmpty()) {
        file = Optional.of(Path.of(value));
      } else if (value.startsWith("-")
          || !known.contains(option.substring(2))
          || options.put(option.substring(2), value) != null) {
        return Optional.empty();
      }
    }
    return Optional.of(new DaemonArguments(file, options));
  }
}

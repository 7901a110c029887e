// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.install;

import dev.culvert.cli.answer.UsageException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import picocli.CommandLine.Option;

/** Values of the chart, as Helm takes them. */
final class ValueOptions {
  @Option(
      names = "--set",
      paramLabel = "PATH=VALUE",
      description = "A value of the chart, such as ztunnel.drainDeadline=1h. Can be repeated.")
  private List<String> set = new ArrayList<>();

  @Option(
      names = {"-f", "--values"},
      paramLabel = "FILE",
      description =
          "A YAML file of values. Can be repeated; the last one wins, and --set over all.")
  private List<Path> files = new ArrayList<>();

  /** The files, each of which can be read. */
  List<Path> files() {
    for (Path file : files) {
      if (!Files.isReadable(file)) {
        throw new UsageException(file + ": cannot be read; --values names a YAML file of values");
      }
    }
    return List.copyOf(files);
  }

  /** The single values, by their paths. */
  Map<String, String> single() {
    Map<String, String> values = new LinkedHashMap<>();
    for (String text : set) {
      int equals = text.indexOf('=');
      if (equals < 1) {
        throw new UsageException("--set %s: is not of the form PATH=VALUE".formatted(text));
      }
      values.put(text.substring(0, equals), text.substring(equals + 1));
    }
    return values;
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.daemon;

import dev.culvert.cli.answer.UsageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A file of {@code key=value} lines; empty lines and lines that start with # are left out. */
record SettingFile(Map<String, Value> values) {

  private static final String SOURCE = "source";

  record Value(String text, String where) {}

  /**
   * Reads a file; a folder holds no settings but resources, and is the {@code source} of them.
   *
   * @throws UsageException when it cannot be read, a line has no {@code =}, or a key comes twice
   */
  static SettingFile read(Path file) {
    if (Files.isDirectory(file)) {
      return new SettingFile(Map.of(SOURCE, new Value(file.toString(), DaemonArguments.CONFIG)));
    }
    try {
      return parse(file, Files.readAllLines(file));
    } catch (IOException e) {
      throw new UsageException(
          "config: cannot read %s (%s); give a readable file".formatted(file, e));
    }
  }

  static SettingFile none() {
    return new SettingFile(Map.of());
  }

  private static SettingFile parse(Path file, List<String> lines) {
    Map<String, Value> values = new LinkedHashMap<>();
    for (int i = 0; i < lines.size(); i++) {
      String line = lines.get(i).strip();
      if (!line.isEmpty() && !line.startsWith("#")) {
        add(values, line, "%s line %d".formatted(file, i + 1));
      }
    }
    return new SettingFile(values);
  }

  private static void add(Map<String, Value> values, String line, String where) {
    int equals = line.indexOf('=');
    if (equals < 1) {
      throw new UsageException("config: %s: '%s' is not key=value".formatted(where, line));
    }
    String key = line.substring(0, equals).strip();
    Value old = values.put(key, new Value(line.substring(equals + 1).strip(), where));
    if (old != null) {
      throw new UsageException("%s: given at %s and at %s".formatted(key, old.where(), where));
    }
  }
}

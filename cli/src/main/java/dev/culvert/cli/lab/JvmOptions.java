// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Options of JVMs, from the files that the launchers give to a JVM themselves. */
final class JvmOptions {
  /** What all processes have. */
  static final List<String> ALL = read("jvm");

  private JvmOptions() {}

  /** What a daemon has otherwise; most have nothing. */
  static List<String> of(String daemon) {
    return read(daemon);
  }

  private static List<String> read(String name) {
    try (InputStream options =
        JvmOptions.class.getResourceAsStream("/dev/culvert/cli/" + name + ".options")) {
      return options == null ? List.of() : lines(options);
    } catch (IOException e) {
      throw new UncheckedIOException(name + ".options cannot be read", e);
    }
  }

  private static List<String> lines(InputStream options) throws IOException {
    return new String(options.readAllBytes(), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> !line.isBlank() && !line.startsWith("#"))
        .toList();
  }
}

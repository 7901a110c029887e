// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.mesh;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** The command line of one of Culvert's processes, from this build's own class path. */
public final class CulvertProcess {
  private static final List<String> FLAGS =
      List.of(
          "-XX:+UseSerialGC",
          "-Xms32m",
          "-Xmx512m",
          "-XX:+ExitOnOutOfMemoryError",
          "-XX:TieredStopAtLevel=1",
          "-Dio.netty.leakDetection.level=paranoid",
          "--enable-native-access=ALL-UNNAMED",
          "--sun-misc-unsafe-memory-access=allow",
          "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED");

  private CulvertProcess() {}

  /** A subcommand with its settings. */
  public static List<String> command(String name, Map<String, ?> settings) {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.addAll(FLAGS);
    line.addAll(List.of("-cp", System.getProperty("java.class.path"), "dev.culvert.cli.Culvert"));
    line.add(name);
    settings.forEach((key, value) -> line.add("--%s=%s".formatted(key, value)));
    return line;
  }
}

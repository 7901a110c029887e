// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** Runs the culvert command in a process of its own and waits for its end. */
public record CulvertCommand(int code, String output) {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  static CulvertCommand run(Path folder, String... arguments)
      throws IOException, InterruptedException {
    return run(folder, PATIENCE, arguments);
  }

  /** The same, with a longer patience. */
  public static CulvertCommand run(Path folder, Duration patience, String... arguments)
      throws IOException, InterruptedException {
    Path output = Files.createTempFile(folder, "culvert", ".out");
    Process process =
        new ProcessBuilder(line(arguments))
            .redirectErrorStream(true)
            .redirectOutput(output.toFile())
            .start();
    if (!process.waitFor(patience.toSeconds(), TimeUnit.SECONDS)) {
      process.destroyForcibly().waitFor();
      throw new AssertionError(
          "still running after %d s: %s%n%s"
              .formatted(
                  patience.toSeconds(), List.of(arguments), Files.readString(output, UTF_8)));
    }
    return new CulvertCommand(process.exitValue(), Files.readString(output, UTF_8));
  }

  private static List<String> line(String... arguments) {
    List<String> line = new ArrayList<>();
    line.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    line.add("-XX:TieredStopAtLevel=1");
    line.add("--enable-native-access=ALL-UNNAMED");
    // What it starts itself needs more than the jar of surefire that names the class path.
    line.add(
        "-Dculvert.class.path="
            + System.getProperty(
                "surefire.test.class.path", System.getProperty("java.class.path")));
    line.add("-cp");
    line.add(System.getProperty("java.class.path"));
    line.add("dev.culvert.cli.Culvert");
    line.addAll(List.of(arguments));
    return line;
  }
}

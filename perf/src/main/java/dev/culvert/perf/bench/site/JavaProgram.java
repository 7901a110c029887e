// SPDX-License-Identifier: Apache-2.0
package dev.culvert.perf.bench.site;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Command lines of this module's own small programs, which run where a client does. */
public final class JavaProgram {
  private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

  private JavaProgram() {}

  /** In a new JVM with this one's class path: quick to start rather than quick in the end. */
  public static List<String> of(Class<?> main, List<String> arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                JAVA.toString(),
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(arguments);
    return command;
  }
}

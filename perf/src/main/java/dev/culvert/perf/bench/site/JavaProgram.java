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
    return command(List.of("-XX:TieredStopAtLevel=1"), main, arguments);
  }

  /** The same for one that has much to do; it is fast once it is compiled. */
  public static List<String> busy(Class<?> main, List<String> arguments) {
    return command(List.of("--enable-native-access=ALL-UNNAMED"), main, arguments);
  }

  private static List<String> command(List<String> options, Class<?> main, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(JAVA.toString(), "-XX:+UseSerialGC"));
    command.addAll(options);
    command.addAll(
        List.of("-Xmx128m", "-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(arguments);
    return command;
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Command lines that run the culvert command in a new JVM, with this JVM's class path. */
final class JavaCommand {
  private static final String MAIN = "dev.culvert.cli.Culvert";
  private static final String QUIET = "-Xlog:all=error,aot*=off,cds*=off:stderr";
  private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

  private JavaCommand() {}

  /** A daemon, with classes linked ahead of time where the launcher's build left them. */
  static List<String> daemon(String name, List<String> arguments) {
    Path cache = Path.of(classPath()).resolveSibling("culvert.aot");
    boolean usable = isPackaged(classPath()) && Files.exists(cache);
    return command(
        usable ? List.of("-Xlog:disable", QUIET, "-XX:AOTCache=" + cache) : List.of(),
        name,
        arguments);
  }

  /** Another subcommand: it starts and ends sooner without them. */
  static List<String> program(String name, List<String> arguments) {
    return command(List.of(), name, arguments);
  }

  private static List<String> command(
      List<String> options, String subcommand, List<String> arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                JAVA.toString(),
                "-XX:+UseSerialGC",
                "-Xms32m",
                "-Xmx512m",
                "-XX:+ExitOnOutOfMemoryError",
                "--sun-misc-unsafe-memory-access=allow"));
    command.addAll(options);
    String classPath = classPath();
    command.addAll(isPackaged(classPath) ? List.of("-jar", classPath) : unpacked(classPath));
    command.add(subcommand);
    command.addAll(arguments);
    return command;
  }

  private static boolean isPackaged(String classPath) {
    return classPath.endsWith(".jar") && !classPath.contains(":");
  }

  /** What the packaged jar's manifest says by itself. */
  private static List<String> unpacked(String classPath) {
    return List.of(
        "--enable-native-access=ALL-UNNAMED",
        "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED",
        "-cp",
        classPath,
        MAIN);
  }

  /**
   * The launcher names the command's jar to a program of another jar; surefire starts the JVM with
   * a jar that names the class path.
   */
  private static String classPath() {
    String own =
        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
    return System.getProperty("culvert.class.path", own);
  }
}

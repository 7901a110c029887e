// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Command lines that run the culvert command in a new JVM, with this JVM's class path. */
public final class JavaCommand {
  private static final String MAIN = "dev.culvert.cli.Culvert";
  private static final String QUIET = "-Xlog:all=error,aot*=off,cds*=off:stderr";
  private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

  private JavaCommand() {}

  /**
   * A daemon, with what its JVM has otherwise than those of others, and with classes linked ahead
   * of time where the launcher's build left them.
   */
  static List<String> daemon(String name, List<String> arguments) {
    List<String> options = new ArrayList<>(JvmOptions.of(name));
    if (isLinkedAhead(name)) {
      options.addAll(List.of("-Xlog:disable", QUIET, "-XX:AOTCache=" + archive(name)));
    }
    return command(options, name, arguments);
  }

  /** Whether the classes of a daemon were linked ahead of time, which halves its start. */
  public static boolean isLinkedAhead(String daemon) {
    return isPackaged(classPath()) && Files.exists(archive(daemon));
  }

  private static Path archive(String daemon) {
    return Path.of(classPath()).resolveSibling(daemon + ".aot");
  }

  /** Another subcommand: it starts and ends sooner without them. */
  public static List<String> program(String name, List<String> arguments) {
    return command(List.of(), name, arguments);
  }

  private static List<String> command(
      List<String> options, String subcommand, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(JAVA.toString()));
    command.addAll(JvmOptions.ALL);
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
        "--add-opens=java.base/java.nio=ALL-UNNAMED",
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

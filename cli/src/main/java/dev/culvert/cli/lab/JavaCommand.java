// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Command lines that run the culvert command in a new JVM, with this JVM's class path. */
public final class JavaCommand {
  private static final String MAIN = "dev.culvert.cli.Culvert";
  private static final String OPTIONS = "/dev/culvert/cli/jvm.options";
  private static final String QUIET = "-Xlog:all=error,aot*=off,cds*=off:stderr";
  private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");
  private static final List<String> JVM_OPTIONS = jvmOptions();

  private JavaCommand() {}

  /** The launcher gives the same file to the JVM itself. */
  private static List<String> jvmOptions() {
    try (InputStream options = JavaCommand.class.getResourceAsStream(OPTIONS)) {
      return new String(options.readAllBytes(), StandardCharsets.UTF_8)
          .lines()
          .filter(line -> !line.isBlank() && !line.startsWith("#"))
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException("jvm.options cannot be read", e);
    }
  }

  /** A daemon, with classes linked ahead of time where the launcher's build left them. */
  static List<String> daemon(String name, List<String> arguments) {
    Path cache = Path.of(classPath()).resolveSibling(name + ".aot");
    boolean usable = isPackaged(classPath()) && Files.exists(cache);
    return command(
        usable ? List.of("-Xlog:disable", QUIET, "-XX:AOTCache=" + cache) : List.of(),
        name,
        arguments);
  }

  /** Another subcommand: it starts and ends sooner without them. */
  public static List<String> program(String name, List<String> arguments) {
    return command(List.of(), name, arguments);
  }

  private static List<String> command(
      List<String> options, String subcommand, List<String> arguments) {
    List<String> command = new ArrayList<>(List.of(JAVA.toString()));
    command.addAll(JVM_OPTIONS);
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

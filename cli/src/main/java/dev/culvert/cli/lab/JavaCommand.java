// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Command lines that run Culvert's classes in a new JVM, with this JVM's class path. */
final class JavaCommand {
  private static final String MAIN = "dev.culvert.cli.Culvert";
  private static final Path JAVA = Path.of(System.getProperty("java.home"), "bin", "java");

  private JavaCommand() {}

  /** A daemon, as the launcher would start it. */
  static List<String> daemon(String name, List<String> arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                JAVA.toString(),
                "-XX:+UseSerialGC",
                "-Xms32m",
                "-Xmx512m",
                "-XX:+ExitOnOutOfMemoryError"));
    command.addAll(archive(name));
    command.addAll(nativeFlags());
    command.addAll(List.of("-cp", classPath(), MAIN, name));
    command.addAll(arguments);
    return command;
  }

  /** A small program that lives for a moment: quick to start rather than quick in the end. */
  static List<String> program(Class<?> main, List<String> arguments) {
    List<String> command =
        new ArrayList<>(List.of(JAVA.toString(), "-XX:+UseSerialGC", "-Xmx128m"));
    command.add("-XX:TieredStopAtLevel=1");
    command.addAll(nativeFlags());
    command.addAll(List.of("-cp", classPath(), main.getName()));
    command.addAll(arguments);
    return command;
  }

  private static List<String> nativeFlags() {
    return List.of(
        "--enable-native-access=ALL-UNNAMED",
        "--sun-misc-unsafe-memory-access=allow",
        "--add-opens=java.base/sun.nio.ch=ALL-UNNAMED");
  }

  /** Only beside the packaged jar, as the launcher has it: tests leave no file. */
  private static List<String> archive(String name) {
    Path jar = Path.of(classPath());
    if (!jar.toString().endsWith(".jar") || !Files.exists(jar)) {
      return List.of();
    }
    Path archive = jar.resolveSibling("lab-" + name + ".jsa");
    return List.of(
        "-Xshare:auto",
        "-Xlog:disable",
        "-Xlog:all=error:stderr",
        "-Xlog:cds*=off",
        "-XX:+AutoCreateSharedArchive",
        "-XX:SharedArchiveFile=" + archive);
  }

  /** Surefire starts the JVM with a jar that names the class path; the JVM itself keeps it. */
  private static String classPath() {
    return System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
  }
}

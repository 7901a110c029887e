// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.mesh;

import dev.culvert.cli.lab.Lab;
import dev.culvert.linux.file.Cgroup;
import dev.culvert.linux.file.Mounts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What test runs that were killed left on this machine. Everything that a test makes in the kernel
 * is named after the process id of its JVM; what is named otherwise, or after a process that lives,
 * is somebody's.
 */
final class DeadRuns {
  private static final Pattern LAB =
      Pattern.compile("lab-((?:t|test-|apps-|page-|soak)(?<pid>\\d+)(?:-[a-z0-9-]+)?)");

  /** A lab's too: one may have been made after the lab's manifest was written. */
  private static final Pattern NAMESPACE =
      Pattern.compile("culvert-(?:(?:agent|linux|ztunnel)-|t)(?<pid>\\d+)-.+");

  private static final Pattern CGROUP =
      Pattern.compile("culvert-(?:agent|linux|link|redirect)-(?<pid>\\d+)");

  private DeadRuns() {}

  /** Removes it. What cannot be removed is told and hinders nobody. */
  static void sweep() throws IOException {
    each(Path.of("/run/culvert"), LAB, (_, name) -> Lab.destroy(name.group(1)));
    each(Path.of("/run/netns"), NAMESPACE, (_, name) -> deleteNamespace(name.group()));
    each(Mounts.cgroup2(), CGROUP, (path, _) -> deleteCgroup(path));
  }

  private static void each(Path folder, Pattern pattern, Step step) throws IOException {
    for (Path path : children(folder)) {
      Matcher name = pattern.matcher(path.getFileName().toString());
      if (name.matches() && !lives(name.group("pid"))) {
        try {
          step.remove(path, name);
        } catch (IOException | UncheckedIOException | InterruptedException | AssertionError e) {
          System.err.printf("%s of a test run that is over stays: %s%n", path, e.getMessage());
        }
      }
    }
  }

  private static List<Path> children(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }

  private static boolean lives(String pid) {
    return ProcessHandle.of(Long.parseLong(pid)).isPresent();
  }

  private static void deleteNamespace(String name) throws IOException, InterruptedException {
    int code = new ProcessBuilder("ip", "netns", "del", name).inheritIO().start().waitFor();
    if (code != 0) {
      throw new IOException("ip netns del ended with " + code);
    }
  }

  private static void deleteCgroup(Path path) throws IOException, InterruptedException {
    List<Path> deepestFirst;
    try (Stream<Path> all = Files.walk(path)) {
      deepestFirst =
          all.filter(Files::isDirectory).sorted(Comparator.<Path>reverseOrder()).toList();
    }
    new Cgroup(path).kill();
    Await.until(
        path + " is removed",
        () -> {
          for (Path each : deepestFirst) {
            new Cgroup(each).remove();
          }
          return true;
        });
  }

  @FunctionalInterface
  private interface Step {
    void remove(Path path, Matcher name) throws IOException, InterruptedException;
  }
}

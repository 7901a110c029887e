// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Undoes what a manifest names: processes first, files last. Goes on after a failure and tells all
 * of them at the end; the manifest stays then, so that it can be tried again.
 */
final class CleanUp {
  private static final Duration GRACE = Duration.ofSeconds(5);

  private final List<Manifest.Entry> entries;
  private final List<String> failures = new ArrayList<>();

  CleanUp(List<Manifest.Entry> entries) {
    this.entries = entries;
  }

  void run(Path directory) throws IOException {
    endProcesses();
    each("cgroup", path -> killAllIn(Path.of(path)));
    each("pins", folder -> FileTree.delete(Path.of(folder)));
    each("netns", CleanUp::deleteNamespace);
    each("cgroup", path -> removeCgroup(Path.of(path)));
    if (!failures.isEmpty()) {
      throw new IOException(String.join("; ", failures));
    }
    FileTree.delete(directory);
  }

  private void endProcesses() {
    List<LabPid> pids =
        values("process").stream().map(LabPid::parse).flatMap(Optional::stream).toList();
    pids.forEach(LabPid::terminate);
    Await.quietly(GRACE, () -> pids.stream().noneMatch(LabPid::isAlive));
    pids.forEach(LabPid::kill);
  }

  /**
   * Ends the children that no manifest names. A threaded cgroup lists threads only, and a signal to
   * a thread reaches its process; this process may have threads there too.
   */
  private static void killAllIn(Path root) throws IOException {
    for (Path cgroup : FileTree.folders(root)) {
      for (String thread : Files.readAllLines(cgroup.resolve("cgroup.threads"))) {
        if (!Files.exists(Path.of("/proc/self/task", thread))) {
          ProcessHandle.of(Long.parseLong(thread)).ifPresent(ProcessHandle::destroyForcibly);
        }
      }
    }
  }

  private static void removeCgroup(Path root) throws IOException {
    if (!Await.quietly(GRACE, () -> removed(root))) {
      throw new IOException("still has processes");
    }
  }

  private static boolean removed(Path root) throws IOException {
    for (Path cgroup : FileTree.folders(root)) {
      Files.deleteIfExists(cgroup);
    }
    return true;
  }

  private static void deleteNamespace(String name) throws IOException {
    if (Files.exists(LabLayout.namespaceFile(name))) {
      IpCommand.batch(List.of("netns del " + name));
    }
    FileTree.delete(LabLayout.namespaceConfig(name));
  }

  private void each(String kind, Step step) {
    for (String value : values(kind)) {
      try {
        step.run(value);
      } catch (IOException | RuntimeException e) {
        failures.add("%s %s: %s".formatted(kind, value, e.getMessage()));
      }
    }
  }

  /** Latest first. */
  private List<String> values(String kind) {
    return entries.reversed().stream()
        .filter(entry -> entry.kind().equals(kind))
        .map(Manifest.Entry::value)
        .toList();
  }

  @FunctionalInterface
  private interface Step {
    void run(String value) throws IOException;
  }
}

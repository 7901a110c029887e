// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.probes;

import dev.culvert.linux.file.Cgroup;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Finds the kubelet among the node's processes and tells its group. Root's processes only, and none
 * of a pod: anybody may call a program of theirs so.
 */
record KubeletProcess(Cgroup node) {
  private static final Path PROCESSES = Path.of("/proc");

  /** Of kubelets in a process of their own, and of distributions that have it in theirs. */
  private static final Set<String> NAMES = Set.of("kubelet", "k3s-server", "k3s-agent", "kubelite");

  private static final int ROOT = 0;
  private static final String V2 = "0::/";

  /**
   * Its group; empty when none runs here.
   *
   * @throws IOException when several run, each in its own
   */
  Optional<Cgroup> group() throws IOException {
    Set<Path> groups = new LinkedHashSet<>();
    for (Path process : processes()) {
      if (isKubelet(process)) {
        groupOf(process).ifPresent(groups::add);
      }
    }
    if (groups.size() > 1) {
      throw new IOException("several kubelets run here, in %s; name one group".formatted(groups));
    }
    return groups.stream().findFirst().map(Cgroup::new);
  }

  private static List<Path> processes() {
    try (Stream<Path> all = Files.list(PROCESSES)) {
      return all.filter(each -> Character.isDigit(each.getFileName().toString().charAt(0)))
          .toList();
    } catch (IOException | UncheckedIOException e) {
      return List.of();
    }
  }

  private static boolean isKubelet(Path process) {
    try {
      return NAMES.contains(Files.readString(process.resolve("comm")).strip())
          && Files.getAttribute(process, "unix:uid").equals(ROOT);
    } catch (IOException gone) {
      return false;
    }
  }

  /**
   * The kernel tells the path from the reader's own root, which may be that of a container: what it
   * ends in is looked for below the node's, and is right when it holds the process.
   */
  private Optional<Path> groupOf(Path process) {
    long pid = Long.parseLong(process.getFileName().toString());
    Optional<Path> told = told(process);
    if (told.isEmpty()) {
      return Optional.empty();
    }
    Path path = told.get();
    for (int from = 0; from < path.getNameCount(); from++) {
      Path candidate = node.path().resolve(path.subpath(from, path.getNameCount()).toString());
      if (holds(candidate, pid) && isOutsideOfPods(candidate)) {
        return Optional.of(candidate);
      }
    }
    return Optional.empty();
  }

  private static Optional<Path> told(Path process) {
    try {
      return Files.readAllLines(process.resolve("cgroup")).stream()
          .filter(line -> line.startsWith(V2))
          .map(line -> Path.of("/", line.substring(V2.length())).normalize())
          .filter(path -> path.getNameCount() > 0)
          .findFirst();
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  private static boolean holds(Path group, long pid) {
    try {
      return Files.isDirectory(group) && new Cgroup(group).processes().contains(pid);
    } catch (IOException gone) {
      return false;
    }
  }

  private boolean isOutsideOfPods(Path group) {
    try {
      new PodGroups(node.path()).requireOutside(group);
      return true;
    } catch (IOException ofPods) {
      return false;
    }
  }
}

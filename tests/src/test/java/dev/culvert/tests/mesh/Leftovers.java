// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.mesh;

import dev.culvert.linux.file.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** What of a mesh is still in the kernel, by the name that everything of it carries. */
final class Leftovers {
  private Leftovers() {}

  static List<String> of(String name) throws IOException {
    List<String> left = new ArrayList<>();
    children(Path.of("/run/netns"), name).forEach(found -> left.add("namespace " + found));
    children(Path.of("/sys/class/net"), name).forEach(found -> left.add("link " + found));
    children(Mounts.cgroup2(), name).forEach(found -> left.add("cgroup " + found));
    Optional<Path> pins = Mounts.bpffs();
    if (pins.isPresent()) {
      children(pins.get(), name).forEach(found -> left.add("pin " + found));
    }
    sockets(name).forEach(found -> left.add("socket " + found));
    processes(name).forEach(found -> left.add("process " + found));
    return left;
  }

  private static List<Path> children(Path folder, String name) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.walk(folder, 2)) {
      return files.filter(file -> file.getFileName().toString().contains(name)).toList();
    }
  }

  private static List<String> sockets(String name) throws IOException {
    return Files.readAllLines(Path.of("/proc/net/unix")).stream()
        .filter(line -> line.contains(name))
        .toList();
  }

  private static List<String> processes(String name) {
    return ProcessHandle.allProcesses()
        .filter(process -> process.pid() != ProcessHandle.current().pid())
        .filter(process -> process.info().commandLine().orElse("").contains(name))
        .map(process -> process.pid() + " " + process.info().commandLine().orElse(""))
        .toList();
  }
}

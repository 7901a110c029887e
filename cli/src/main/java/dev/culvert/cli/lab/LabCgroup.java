// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.lab;

import dev.culvert.linux.file.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The lab's part of the cgroup v2 tree: one cgroup per node, below it system and pods. */
record LabCgroup(Path path) {

  static LabCgroup of(LabLayout layout) throws IOException {
    return new LabCgroup(Mounts.cgroup2().resolve("culvert-lab-" + layout.name()));
  }

  void create() throws IOException {
    Files.createDirectories(path.resolve("control"));
  }

  void createChildren(LabNode node) throws IOException {
    Files.createDirectories(node.cgroup().resolve("system"));
    Files.createDirectories(node.cgroup().resolve("pods"));
  }
}

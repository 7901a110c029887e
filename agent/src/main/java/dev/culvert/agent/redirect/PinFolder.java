// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.redirect;

import dev.culvert.linux.Mounts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/** Where everything is pinned: {@code maps/NAME}, {@code links/PROGRAM}, {@code netns/COOKIE}. */
record PinFolder(Path root) {
  /**
   * The folder, on a bpffs. When none is mounted there it is mounted: on /sys/fs/bpf for a folder
   * below it, as everybody does, else on the folder itself, so that nothing is hidden.
   */
  static PinFolder ready(Path root) throws IOException {
    PinFolder folder = new PinFolder(root.toAbsolutePath().normalize());
    if (!Mounts.isBpffs(folder.root)) {
      Mounts.mountBpffs(folder.root.startsWith(Mounts.BPFFS) ? Mounts.BPFFS : folder.root);
    }
    for (Path each : List.of(folder.maps(), folder.links(), folder.namespaces())) {
      Files.createDirectories(each);
    }
    return folder;
  }

  Path maps() {
    return root.resolve("maps");
  }

  Path links() {
    return root.resolve("links");
  }

  Path namespaces() {
    return root.resolve("netns");
  }

  static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> pins = Files.list(folder)) {
      return pins.sorted().toList();
    } catch (NoSuchFileException none) {
      return List.of();
    }
  }

  /** Removes the empty folders, and the bpffs unless it is the one that others use too. */
  void remove() throws IOException {
    for (Path each : List.of(maps(), links(), namespaces())) {
      Files.deleteIfExists(each);
    }
    if (!Mounts.isBpffs(root)) {
      return;
    }
    if (!Mounts.isBpffs(root.getParent())) {
      Mounts.unmount(root);
    }
    Files.deleteIfExists(root);
  }
}

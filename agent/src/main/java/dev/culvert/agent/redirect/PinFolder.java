// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.redirect;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import dev.culvert.linux.file.Mounts;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;

/**
 * Where everything is pinned: {@code maps/NAME}, {@code links/PROGRAM}, {@code netns/COOKIE}; and
 * {@code tcp_tw_reuse/COOKIE}, what the setting was in that namespace.
 */
record PinFolder(Path root) {
  private static final Path MOUNT_LOCK = Path.of("/run/culvert/bpffs.lock");

  /**
   * The folder, on a bpffs. When none is mounted there it is mounted: on /sys/fs/bpf for a folder
   * below it, as everybody does, else on the folder itself, so that nothing is hidden.
   */
  static PinFolder ready(Path root) throws IOException {
    PinFolder folder = new PinFolder(root.toAbsolutePath().normalize());
    mount(folder.root);
    for (Path each : folder.folders()) {
      Files.createDirectories(each);
    }
    return folder;
  }

  /**
   * Two agents that start at once must not mount one over the other: a file lock holds off other
   * processes, the monitor other threads of this one.
   */
  private static synchronized void mount(Path root) throws IOException {
    Files.createDirectories(MOUNT_LOCK.getParent());
    try (FileChannel file = FileChannel.open(MOUNT_LOCK, CREATE, WRITE);
        FileLock _ = file.lock()) {
      if (!Mounts.isBpffs(root)) {
        Mounts.mountBpffs(root.startsWith(Mounts.BPFFS) ? Mounts.BPFFS : root);
      }
    }
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

  Path reusedPorts() {
    return root.resolve("tcp_tw_reuse");
  }

  private List<Path> folders() {
    return List.of(maps(), links(), namespaces(), reusedPorts());
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
    for (Path each : folders()) {
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

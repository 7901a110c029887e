// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.redirect;

import dev.culvert.linux.socket.NetworkNamespace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A pod's network namespace of which only the numbers are known: by the files that runtimes keep
 * for it, else by a process in it. Empty when it is gone.
 */
record FoundNamespace(Optional<NetworkNamespace> netns) implements AutoCloseable {
  /** The same folder on a node; in a container what is mounted. */
  private static final List<Path> NAMED = List.of(Path.of("/run/netns"), Path.of("/var/run/netns"));

  private static final Path PROCESSES = Path.of("/proc");

  /**
   * Looks for it.
   *
   * @param cookie by which it is told from a later one with the same inode
   */
  static FoundNamespace of(long inode, long cookie) {
    return new FoundNamespace(
        Stream.concat(named(), ofProcesses())
            .filter(file -> inode(file) == inode)
            .flatMap(file -> open(file, cookie).stream())
            .findFirst());
  }

  private static Stream<Path> named() {
    return NAMED.stream().flatMap(FoundNamespace::list);
  }

  private static Stream<Path> ofProcesses() {
    return list(PROCESSES)
        .filter(process -> Character.isDigit(process.getFileName().toString().charAt(0)))
        .map(process -> process.resolve("ns/net"));
  }

  private static Stream<Path> list(Path folder) {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList().stream();
    } catch (IOException | UncheckedIOException none) {
      return List.<Path>of().stream();
    }
  }

  private static long inode(Path file) {
    try {
      return (long) Files.getAttribute(file, "unix:ino");
    } catch (IOException gone) {
      return 0;
    }
  }

  private static Optional<NetworkNamespace> open(Path file, long cookie) {
    try {
      NetworkNamespace netns = NetworkNamespace.open(file);
      if (netns.cookie() == cookie) {
        return Optional.of(netns);
      }
      netns.close();
      return Optional.empty();
    } catch (IOException gone) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    netns.ifPresent(NetworkNamespace::close);
  }
}

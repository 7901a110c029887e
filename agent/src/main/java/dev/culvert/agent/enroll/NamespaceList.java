// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.enroll;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.TRUNCATE_EXISTING;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.SortedSet;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The names of namespaces with pods of the mesh, one a line, beside the CNI plugin's socket: while
 * no agent answers, the plugin has pods of these wait, and lets others start. One thread.
 */
final class NamespaceList {
  private static final Logger LOG = LoggerFactory.getLogger(NamespaceList.class);

  /** As daemonset/cni/culvert-cni.c reads it. */
  private static final String NAME = "enrolled-namespaces";

  private final Path file;
  private Optional<SortedSet<String>> written = Optional.empty();

  /**
   * @param socket the plugin's
   */
  NamespaceList(Path socket) {
    this.file = socket.toAbsolutePath().resolveSibling(NAME);
  }

  /** Replaces the list in one step, unless it says so already. */
  void write(SortedSet<String> namespaces) {
    if (written.equals(Optional.of(namespaces)) && Files.exists(file)) {
      return;
    }
    try {
      Files.createDirectories(file.getParent());
      Path draft = file.resolveSibling(NAME + ".new");
      Files.write(draft, namespaces, CREATE, TRUNCATE_EXISTING, WRITE);
      Files.setPosixFilePermissions(draft, PosixFilePermissions.fromString("rw-r--r--"));
      Files.move(draft, file, ATOMIC_MOVE);
      written = Optional.of(namespaces);
    } catch (IOException e) {
      LOG.error("{}: cannot be written: {}; it is tried again", file, e.toString());
    }
  }
}

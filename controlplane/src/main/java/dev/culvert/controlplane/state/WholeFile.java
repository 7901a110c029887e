// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.state;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;
import static java.nio.file.StandardOpenOption.CREATE_NEW;
import static java.nio.file.StandardOpenOption.READ;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/**
 * Replaces files so that a reader, or the next start after a crash, sees the old or the new one.
 */
final class WholeFile {
  private WholeFile() {}

  static void write(Path file, String text, String permissions) {
    Path draft = file.resolveSibling("." + file.getFileName() + ".draft");
    try {
      Files.deleteIfExists(draft);
      fill(draft, text, permissions);
      Files.move(draft, file, ATOMIC_MOVE);
      sync(file.toAbsolutePath().getParent());
    } catch (IOException e) {
      throw new ControlPlaneException(
          file, "cannot be written (" + e + ")", "free the disk or correct the permissions", e);
    }
  }

  private static void fill(Path draft, String text, String permissions) throws IOException {
    var mode = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    try (FileChannel channel = FileChannel.open(draft, Set.of(CREATE_NEW, WRITE), mode)) {
      ByteBuffer bytes = UTF_8.encode(text);
      while (bytes.hasRemaining()) {
        channel.write(bytes);
      }
      channel.force(true);
    }
  }

  /** A rename is on disk only when the folder is. */
  private static void sync(Path folder) throws IOException {
    try (FileChannel channel = FileChannel.open(folder, READ)) {
      channel.force(true);
    }
  }
}

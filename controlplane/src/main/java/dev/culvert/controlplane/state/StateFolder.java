// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.state;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The folder that outlives the process. One process at a time owns it: two that both found it empty
 * would each make a root, and half of the mesh would distrust the other.
 */
public final class StateFolder implements AutoCloseable {
  private static final String LOCK = "lock";

  private final Path path;
  private final FileChannel lock;

  private StateFolder(Path path, FileChannel lock) {
    this.path = path;
    this.lock = lock;
  }

  /**
   * Makes the folder if it is missing and takes it.
   *
   * @throws ControlPlaneException when it cannot be made or another process holds it
   */
  public static StateFolder open(Path path) {
    try {
      Files.createDirectories(path);
      return new StateFolder(path, lock(path.resolve(LOCK)));
    } catch (IOException e) {
      throw new ControlPlaneException(
          path,
          "cannot be used (" + e + ")",
          "choose a folder this user may write with 'state'",
          e);
    }
  }

  /** Where the file of a name is. */
  public Path file(String name) {
    return path.resolve(name);
  }

  /** Replaces a file as a whole that any user may read. */
  public void write(String name, String text) {
    WholeFile.write(file(name), text, "rw-r--r--");
  }

  /** Replaces a file as a whole that only its owner may read, mode 0600. */
  public void writeSecret(String name, String text) {
    WholeFile.write(file(name), text, "rw-------");
  }

  /** Gives the folder back. */
  @Override
  public void close() {
    try {
      lock.close();
    } catch (IOException e) {
      throw new ControlPlaneException(path, "cannot be released (" + e + ")", "check the disk", e);
    }
  }

  private static FileChannel lock(Path file) throws IOException {
    FileChannel channel = FileChannel.open(file, CREATE, WRITE);
    try {
      FileLock held = channel.tryLock();
      if (held != null) {
        return channel;
      }
    } catch (OverlappingFileLockException e) {
      // Held by this very process: the same answer as for another one.
    }
    channel.close();
    throw new ControlPlaneException(
        file,
        "another control plane holds this state folder",
        "stop it, or give this one its own folder with 'state'");
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.mesh;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * A node's token that has not come yet: who reads the file waits. A ztunnel that has it is started
 * up to its first word to the control plane, and asks for no pod.
 */
record WaitingToken(Path file, Path pipe) {

  static WaitingToken in(Path folder, String name) throws IOException {
    Path file = folder.resolve(name);
    make(file);
    return new WaitingToken(file, Files.createLink(folder.resolve(name + ".pipe"), file));
  }

  private static void make(Path file) throws IOException {
    Process made = new ProcessBuilder("mkfifo", file.toString()).inheritIO().start();
    if (made.onExit().join().exitValue() != 0) {
      throw new IOException("mkfifo " + file + " failed");
    }
  }

  /** First for those that read it later, then for those that wait. */
  void arrive(String token) throws IOException {
    Path written = Files.writeString(file.resolveSibling(file.getFileName() + ".new"), token);
    Files.move(written, file, ATOMIC_MOVE);
    // For both directions: the kernel would hold up a writer that no reader waits for.
    try (RandomAccessFile waiting = new RandomAccessFile(pipe.toFile(), "rw")) {
      waiting.write(token.getBytes(StandardCharsets.US_ASCII));
    }
    Files.delete(pipe);
  }
}

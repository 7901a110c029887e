// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;

/** What this process holds open, less the pipes of child processes, which a reaper closes later. */
public final class OpenDescriptors {
  private OpenDescriptors() {}

  /** How many there are now. */
  public static long count() throws IOException {
    try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
      return open.filter(fd -> !target(fd).startsWith("pipe:")).count();
    }
  }

  private static String target(Path fd) {
    try {
      return Files.readSymbolicLink(fd).toString();
    } catch (IOException closed) {
      return "pipe:";
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import dev.culvert.linux.Fd;
import dev.culvert.linux.errno.Errno;
import dev.culvert.linux.errno.ErrnoException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Names on a bpffs that keep kernel objects alive. */
final class Pins {
  /** What /proc/self/fd calls them. */
  static final String MAP = "bpf-map";

  static final String LINK = "bpf-link";

  private Pins() {}

  static Fd open(Path pin, String kind) throws IOException {
    Fd fd = open(pin);
    String found = Files.readSymbolicLink(Path.of("/proc/self/fd/" + fd.value())).toString();
    // "bpf_link" when the link was just made, "bpf-link" when it was opened again.
    if (found.replace('_', '-').contains(kind)) {
      return fd;
    }
    fd.close();
    throw new IOException("%s is a pin of %s, not of %s".formatted(pin, found, kind));
  }

  private static Fd open(Path pin) throws IOException {
    try {
      return LibbpfCalls.openPinned(pin);
    } catch (ErrnoException e) {
      if (e.errno() == Errno.ENOENT) {
        throw new NoSuchFileException(pin.toString(), null, "nothing is pinned here");
      }
      throw e;
    }
  }
}

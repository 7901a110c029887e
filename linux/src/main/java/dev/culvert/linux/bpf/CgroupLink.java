// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import dev.culvert.linux.Fd;
import java.io.IOException;
import java.nio.file.Path;

/** A program that runs for the sockets of a cgroup and of all below it, beside those of others. */
public final class CgroupLink extends BpfLink {
  CgroupLink(Fd fd) {
    super(fd);
  }

  /**
   * Attaches a program of a {@code cgroup/...} or {@code sockops} section.
   *
   * @param cgroup a directory of cgroup v2
   * @throws dev.culvert.linux.ErrnoException EBADF when it is not of cgroup v2
   */
  public static CgroupLink attach(BpfProgram program, Path cgroup) throws IOException {
    try (Fd directory = Directory.open(cgroup)) {
      return new CgroupLink(LibbpfCalls.createLink(program, directory.value(), cgroup));
    }
  }

  public static CgroupLink openPinned(Path pin) throws IOException {
    return openPinned(pin, CgroupLink.class);
  }
}

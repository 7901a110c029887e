// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.bpf;

import dev.culvert.linux.Fd;
import dev.culvert.linux.errno.Errno;
import dev.culvert.linux.errno.ErrnoException;
import java.io.IOException;
import java.nio.file.Path;

/** A program that runs for the sockets of a cgroup and of all below it, beside those of others. */
public final class CgroupLink extends BpfLink {
  /** BPF_F_BEFORE without a program that it would be relative to; Linux 6.17. */
  private static final int FIRST = 1 << 3;

  CgroupLink(Fd fd) {
    super(fd);
  }

  /**
   * Attaches a program of a {@code cgroup/...} or {@code sockops} section: before those that are
   * there, where the kernel can do that, else behind them.
   *
   * @param cgroup a directory of cgroup v2
   * @throws dev.culvert.linux.errno.ErrnoException EBADF when it is not of cgroup v2; EPERM also
   *     when a program is there that shares the hook with nobody
   */
  public static CgroupLink attach(BpfProgram program, Path cgroup) throws IOException {
    try (Fd directory = Directory.open(cgroup)) {
      return new CgroupLink(attach(program, directory.value(), cgroup));
    }
  }

  private static Fd attach(BpfProgram program, int directory, Path cgroup) throws ErrnoException {
    try {
      return LibbpfCalls.createLink(program, directory, FIRST, cgroup);
    } catch (ErrnoException e) {
      if (e.errno() != Errno.EINVAL) {
        throw e;
      }
      return LibbpfCalls.createLink(program, directory, 0, cgroup);
    }
  }

  public static CgroupLink openPinned(Path pin) throws IOException {
    return openPinned(pin, CgroupLink.class);
  }
}

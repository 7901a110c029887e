// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Whether io_uring can be asked for, and whether system calls are filtered here. */
final class TransportCheck implements Check {
  private static final String FILTERED = "Seccomp:\t2";

  private final Path proc;

  /**
   * Looks at what the kernel tells.
   *
   * @param proc where procfs is
   */
  TransportCheck(Path proc) {
    this.proc = proc;
  }

  @Override
  public String name() {
    return "io_uring and seccomp";
  }

  @Override
  public List<Finding> findings() throws IOException {
    return List.of(ioUring(), seccomp());
  }

  private Finding ioUring() throws IOException {
    Path file = proc.resolve("sys/kernel/io_uring_disabled");
    String disabled = Files.exists(file) ? Files.readString(file).strip() : "0";
    return switch (disabled) {
      case "0" -> Finding.ok("io_uring is allowed; ztunnel uses epoll unless transport says so");
      case "1" -> Finding.note("io_uring is for privileged processes (kernel.io_uring_disabled=1)");
      default -> Finding.note("io_uring is off (kernel.io_uring_disabled=2): ztunnel uses epoll");
    };
  }

  private Finding seccomp() throws IOException {
    if (!Files.exists(proc.resolve("sys/kernel/seccomp/actions_avail"))) {
      return Finding.warning(
          "this kernel has no seccomp", "containers run unfiltered; use one with CONFIG_SECCOMP");
    }
    boolean filtered = Files.readAllLines(proc.resolve("self/status")).contains(FILTERED);
    return filtered
        ? Finding.note("this process runs under a seccomp filter: what is found is what it allows")
        : Finding.ok("seccomp is there");
  }
}

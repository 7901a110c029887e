// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Whether io_uring can be asked for, and whether system calls are filtered here. */
final class TransportCheck implements Check {
  private static final Path DISABLED = Path.of("/proc/sys/kernel/io_uring_disabled");
  private static final Path ACTIONS = Path.of("/proc/sys/kernel/seccomp/actions_avail");
  private static final Path STATUS = Path.of("/proc/self/status");
  private static final String FILTERED = "Seccomp:\t2";

  @Override
  public String name() {
    return "io_uring and seccomp";
  }

  @Override
  public List<Finding> findings() throws IOException {
    return List.of(ioUring(), seccomp());
  }

  private static Finding ioUring() throws IOException {
    String disabled = Files.exists(DISABLED) ? Files.readString(DISABLED).strip() : "0";
    return switch (disabled) {
      case "0" -> Finding.ok("io_uring is allowed; ztunnel uses epoll unless transport says so");
      case "1" -> Finding.note("io_uring is for privileged processes (kernel.io_uring_disabled=1)");
      default -> Finding.note("io_uring is off (kernel.io_uring_disabled=2): ztunnel uses epoll");
    };
  }

  private static Finding seccomp() throws IOException {
    if (!Files.exists(ACTIONS)) {
      return Finding.warning(
          "this kernel has no seccomp", "containers run unfiltered; use one with CONFIG_SECCOMP");
    }
    boolean filtered = Files.readAllLines(STATUS).contains(FILTERED);
    return filtered
        ? Finding.note("this process runs under a seccomp filter: what is found is what it allows")
        : Finding.ok("seccomp is there");
  }
}

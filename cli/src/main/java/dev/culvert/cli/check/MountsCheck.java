// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.check;

import dev.culvert.linux.file.Mounts;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The file systems that the agent works on: where cgroup v2 is, and whether pins can outlive it.
 */
final class MountsCheck implements Check {
  @Override
  public String name() {
    return "mounted file systems";
  }

  @Override
  public List<Finding> findings() throws IOException {
    return List.of(cgroup(), bpffs(Mounts.bpffs()));
  }

  private static Finding cgroup() {
    try {
      return cgroup(Mounts.cgroup2());
    } catch (IOException e) {
      return withoutCgroup(e);
    }
  }

  static Finding cgroup(Path root) {
    return root.equals(Path.of("/sys/fs/cgroup"))
        ? Finding.ok("cgroup v2 is at " + root)
        : Finding.warning(
            "cgroup v2 is at %s, beside v1".formatted(root),
            "on a cluster set agent.cgroup=%s in the chart's values".formatted(root));
  }

  static Finding withoutCgroup(IOException why) {
    return Finding.failure(
        why.getMessage(), "boot with systemd.unified_cgroup_hierarchy=1, or mount it");
  }

  static Finding bpffs(Optional<Path> mounted) {
    return mounted.isPresent()
        ? Finding.ok("a BPF file system is at " + mounted.get())
        : Finding.warning(
            "no BPF file system is mounted",
            "the agent mounts one; in a cluster set agent.mountBpffs=true in the chart's values");
  }
}

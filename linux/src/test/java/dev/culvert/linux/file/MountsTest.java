// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class MountsTest {
  @TempDir private Path folder;

  @Test
  void cgroup2IsFoundWhereverItIs() throws Exception {
    assertThat(Mounts.cgroup2().resolve("cgroup.procs")).exists();
  }

  @Test
  void bpffsIsMountedAndSeen() throws Exception {
    Path target = folder.resolve("bpf fs");
    assertThat(Mounts.isBpffs(target)).isFalse();
    Mounts.mountBpffs(target);
    try {
      assertThat(Mounts.isBpffs(target.resolve("not/yet"))).isTrue();
      assertThat(Mounts.isBpffs(folder)).isFalse();
      assertThat(Mounts.bpffs()).isPresent();
    } finally {
      Mounts.unmount(target);
    }
    assertThat(Mounts.isBpffs(target)).isFalse();
  }

  @Test
  void failedUnmountNamesTarget() {
    assertThatThrownBy(() -> Mounts.unmount(folder))
        .hasMessage("umount2(%s): EINVAL (22)".formatted(folder));
  }

  @Test
  void escapedTargetIsRead() {
    assertThat(Mounts.parse("none /mnt/a\\040b\\134c cgroup2 rw 0 0"))
        .isEqualTo(new Mounts.Mount(Path.of("/mnt/a b\\c"), "cgroup2"));
  }
}

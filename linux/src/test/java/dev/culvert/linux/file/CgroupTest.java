// SPDX-License-Identifier: Apache-2.0
package dev.culvert.linux.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

final class CgroupTest {
  private Cgroup group;

  @BeforeEach
  void make() throws IOException {
    group = Cgroup.root().child("culvert-linux-" + ProcessHandle.current().pid());
  }

  @AfterEach
  void remove() throws IOException {
    group.remove();
  }

  @Test
  void processMovesInAndIsKilledWithItsGroup() throws Exception {
    Process process = new ProcessBuilder("sleep", "1000").start();
    try {
      group.add(process.pid());
      assertThat(group.processes()).containsExactly(process.pid());
      assertThatThrownBy(group::remove).isInstanceOf(IOException.class);
      group.kill();
      assertThat(process.waitFor()).isEqualTo(128 + 9);
    } finally {
      process.destroyForcibly().waitFor();
    }
  }

  @Test
  void removedTwiceIsGone() throws Exception {
    group.remove();
    group.remove();
    assertThat(group.path()).doesNotExist();
  }

  @Test
  void folderOutsideIsNoCgroup() {
    assertThatThrownBy(() -> Cgroup.at(Path.of("/tmp")))
        .isInstanceOf(IOException.class)
        .hasMessageStartingWith("/tmp: is not a cgroup");
  }
}

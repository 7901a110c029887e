// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.mesh;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.cli.lab.Lab;
import dev.culvert.linux.file.Cgroup;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

@Root
final class DeadRunsTest {
  private static long deadPid() throws Exception {
    Process over = new ProcessBuilder("true").start();
    over.waitFor();
    return over.pid();
  }

  /** As after a kill -9: everything is there and nobody owns it. */
  private static Path leave(String name) throws IOException {
    Lab lab = Lab.create(name);
    lab.addNode("node1");
    lab.keep();
    return lab.layout().directory();
  }

  private static Path namespace(String name) throws IOException, InterruptedException {
    assertThat(new ProcessBuilder("ip", "netns", "add", name).start().waitFor()).isZero();
    return Path.of("/run/netns", name);
  }

  @Test
  void whatAKilledRunLeftIsRemoved() throws Exception {
    long dead = deadPid();
    Path lab = leave("t%d-dead".formatted(dead));
    Path group = Cgroup.root().child("culvert-link-" + dead).child("inner").path().getParent();
    Path test = namespace("culvert-linux-%d-1".formatted(dead));
    Path podWithoutLab = namespace("culvert-t%d-epoll-late".formatted(dead));

    DeadRuns.sweep();

    // Whoever sweeps at the same time may be the one that removes it.
    Await.until(
        "nothing is left",
        () ->
            Leftovers.of("t%d-dead".formatted(dead)).isEmpty()
                && Stream.of(lab, group, test, podWithoutLab).noneMatch(Files::exists));
  }

  @Test
  void whatIsNotOfADeadRunStays() throws Exception {
    Process alive = new ProcessBuilder("sleep", "600").start();
    String ofTheLiving = "t%d-live".formatted(alive.pid());
    String ofSomebody = "x%d-kept".formatted(deadPid());
    try {
      Path living = leave(ofTheLiving);
      Path kept = leave(ofSomebody);

      DeadRuns.sweep();

      assertThat(living).isNotEmptyDirectory();
      assertThat(kept).isNotEmptyDirectory();
    } finally {
      Lab.destroy(ofTheLiving);
      Lab.destroy(ofSomebody);
      alive.destroyForcibly().waitFor();
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.node;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.cli.CommandRun;
import java.io.File;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeCommandTest {
  @TempDir private Path folder;

  @Test
  void preparationWritesTheProfilesThatTheChartNames() {
    CommandRun run = CommandRun.of("node", "prepare", "--seccomp=" + folder);
    assertThat(run.code()).as(run.output()).isZero();
    assertThat(folder.resolve("culvert/agent.json")).content().contains("SCMP_ACT_ERRNO");
    assertThat(folder.resolve("culvert/ztunnel.json")).content().contains("io_uring_setup");
    assertThat(folder.resolve("culvert")).isDirectoryNotContaining("glob:**.tmp");
  }

  @Test
  void cleaningANodeWithoutCulvertFindsNothing() {
    CommandRun run =
        CommandRun.of(
            "node",
            "clean",
            "--pin-dir=" + folder.resolve("pins"),
            "--run-dir=" + folder.resolve("run"),
            "--cni-bin-dir=" + folder,
            "--cni-conf-dir=" + folder,
            "--zds-socket=" + folder.resolve("ztunnel.sock"));
    assertThat(run.code()).as(run.output()).isZero();
    assertThat(run.output()).contains("nothing of Culvert is on this node");
    assertThat(folder).isEmptyDirectory();
  }

  @Test
  void nodeWithoutAVerbSaysWhichThereAre() {
    CommandRun run = CommandRun.of("node");
    assertThat(run.code()).isEqualTo(2);
    assertThat(run.output()).contains("prepare or clean");
  }

  @Test
  void prepareWritesAPluginThatRuns() throws Exception {
    CommandRun run = CommandRun.of("node", "prepare", "--cni-bin-dir=" + folder);
    assertThat(run.code()).as(run.output()).isZero();
    Path plugin = folder.resolve("culvert-cni");
    ProcessBuilder version = new ProcessBuilder(plugin.toString());
    version.environment().put("CNI_COMMAND", "VERSION");
    Process process =
        version.redirectInput(ProcessBuilder.Redirect.from(new File("/dev/null"))).start();
    assertThat(new String(process.getInputStream().readAllBytes(), UTF_8)).contains("1.1.0");
    assertThat(folder.toFile().list()).containsExactly("culvert-cni");
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.command;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.mesh.Root;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A short soak; CI and people run longer ones by {@code ./culvert soak}. */
@Root
final class SoakTest {
  private static final Duration PATIENCE = Duration.ofMinutes(6);

  @TempDir private Path folder;

  @Test
  void shortSoakPasses() throws Exception {
    CulvertCommand soak =
        CulvertCommand.run(
            folder,
            PATIENCE,
            "soak",
            "--minutes=0.6",
            "--name=soak%d".formatted(ProcessHandle.current().pid()),
            "--out=" + folder.resolve("soak"));

    assertThat(soak.code()).as(soak.output()).isZero();
    assertThat(folder.resolve("soak").resolve("result.md")).content().contains("PASSED");
  }
}

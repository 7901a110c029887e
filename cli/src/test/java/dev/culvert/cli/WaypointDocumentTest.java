// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.cli.lab.Lab;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Runs docs/waypoint.md, which makes a mesh and takes it down again. */
@EnabledIf("dev.culvert.cli.DocumentedPage#isRoot")
final class WaypointDocumentTest {
  @Test
  @Timeout(300)
  void pageDoesWhatItSays(@TempDir Path folder) throws Exception {
    new DocumentedPage("waypoint.md", folder, "up.log").doesWhatItSays();
    assertThat(Lab.destroy(DocumentedPage.MESH_NAME)).as("something was left").isFalse();
  }

  @AfterEach
  void nothingIsLeftOfAPageThatFailed() throws Exception {
    Lab.destroy(DocumentedPage.MESH_NAME);
  }
}

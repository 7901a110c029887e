// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs docs/telemetry.md. */
final class TelemetryDocumentTest {
  @Test
  @Timeout(120)
  void pageDoesWhatItSays(@TempDir Path folder) throws Exception {
    new DocumentedPage("telemetry.md", folder, "lines/log").doesWhatItSays();
  }
}

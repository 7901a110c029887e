// SPDX-License-Identifier: Apache-2.0
package dev.culvert.tests.scenario;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.tests.mesh.Mesh;
import java.util.zip.GZIPInputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What else a ztunnel gives at its own ports, and how. */
abstract class DiagnosticsScenarios {
  private final Mesh mesh;

  DiagnosticsScenarios(Mesh mesh) {
    this.mesh = mesh;
  }

  @Test
  void recordingIsMadeWhileItRuns() throws Exception {
    assertThat(mesh.client().askZtunnel(15000, "/debug/jfr?seconds=1")).startsWith("FLR\0");
    assertThat(mesh.client().askZtunnel(15000, "/debug/pprof/heap")).contains("java.lang.String");
  }

  @ParameterizedTest
  @CsvSource({
    "15020, /metrics, istio_build",
    "15020, /stats/prometheus, istio_build",
    "15000, /config_dump, workloads"
  })
  void whoTakesGzipGetsGzip(int port, String path, String part) throws Exception {
    try (var answer = new GZIPInputStream(mesh.client().askZtunnelFor("gzip", port, path))) {
      assertThat(new String(answer.readAllBytes(), UTF_8)).contains(part);
    }
  }
}

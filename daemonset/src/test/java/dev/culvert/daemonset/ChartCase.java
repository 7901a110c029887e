// SPDX-License-Identifier: Apache-2.0
package dev.culvert.daemonset;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.io.TempDir;

/** Files of values, and what the chart makes of them. */
abstract class ChartCase {
  /** Every value of the chart as nobody has it by default. */
  static final Path CHANGED =
      Path.of("src/test/resources/dev/culvert/daemonset/every-value-changed.yaml");

  @TempDir Path folder;

  static Manifest named(List<Manifest> objects, String kind, String name) {
    return objects.stream()
        .filter(object -> object.kind().equals(kind) && object.name().equals(name))
        .findFirst()
        .orElseThrow();
  }

  static void assertValid(List<Manifest> objects) {
    assertThat(objects).isNotEmpty();
    assertThat(OpenApi.violations(objects)).isEmpty();
    assertThat(OpenApi.inconsistencies(objects)).isEmpty();
  }
}

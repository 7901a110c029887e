// SPDX-License-Identifier: Apache-2.0
package dev.culvert.cli.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DaemonArgumentsTest {
  private static final Set<String> KNOWN = Set.of("node", "admin-port");

  private static Optional<DaemonArguments> plain(String... arguments) {
    return DaemonArguments.plain(KNOWN, List.of(arguments));
  }

  @Test
  void pairsOfKnownKeys() {
    assertThat(plain("--node", "a", "--config", "/f", "--admin-port", "0"))
        .contains(
            new DaemonArguments(
                Optional.of(Path.of("/f")), Map.of("node", "a", "admin-port", "0")));
    assertThat(plain()).contains(new DaemonArguments(Optional.empty(), Map.of()));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "--help",
        "--node",
        "--node=a",
        "--nod a",
        "node a",
        "--node a --node b",
        "--node a -h",
        "--node a rest",
        "--node --admin-port",
        "--config a --config b"
      })
  void anythingElseIsLeftToTheParser(String line) {
    assertThat(plain(line.split(" "))).isEmpty();
  }
}

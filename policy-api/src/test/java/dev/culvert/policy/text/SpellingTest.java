// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class SpellingTest {
  private static final List<String> KNOWN = List.of("principals", "namespaces", "ipBlocks");

  @Test
  void nearWordIsFound() {
    assertThat(Spelling.nearest("principles", KNOWN)).contains("principals");
    assertThat(Spelling.nearest("namespace", KNOWN)).contains("namespaces");
    assertThat(Spelling.nearest("IPBLOCKS", KNOWN)).contains("ipBlocks");
  }

  @Test
  void farWordIsNot() {
    assertThat(Spelling.nearest("paths", KNOWN)).isEmpty();
    assertThat(Spelling.nearest("", KNOWN)).isEmpty();
    assertThat(Spelling.nearest("p".repeat(100_000), KNOWN)).isEmpty();
  }
}

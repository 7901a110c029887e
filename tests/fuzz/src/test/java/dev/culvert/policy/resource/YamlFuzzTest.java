// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.resource;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.culvert.fuzz.Allocation;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/** A file that an operator wrote. */
class YamlFuzzTest {

  /** It is taken wholly, or each error says where it is and what to do; what was good stays. */
  @FuzzTest
  void resources(byte[] input) {
    String content = new String(input, StandardCharsets.UTF_8);
    ResourceFiles good = ResourceFiles.empty().with(Map.of("a.yaml", GOOD));
    assertThat(good.resources()).hasSize(1);
    ResourceFiles next = Allocation.bounded(input, () -> good.with(Map.of("a.yaml", content)));
    if (!next.errors().isEmpty()) {
      assertThat(next.resources()).isEqualTo(good.resources());
    }
    for (ResourceError error : next.errors()) {
      assertThat(error.file()).isEqualTo("a.yaml");
      assertThat(error.problem()).isNotBlank();
      assertThat(error.remedy()).isNotBlank();
      assertThat(error.toString()).doesNotContain("\n", "\r");
    }
    assertThat(next.errors().size()).isLessThanOrEqualTo(ParsedFile.MAX_ERRORS);
    ResourceFiles again = next.with(Map.of("a.yaml", content));
    assertThat(again.resources()).isEqualTo(next.resources());
  }

  private static final String GOOD =
      """
      apiVersion: v1
      kind: Namespace
      metadata:
        name: before
      """;
}

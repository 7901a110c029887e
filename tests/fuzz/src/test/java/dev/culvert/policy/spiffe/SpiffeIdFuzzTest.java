// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.spiffe;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import dev.culvert.fuzz.Allocation;
import java.nio.charset.StandardCharsets;

class SpiffeIdFuzzTest {

  @FuzzTest
  void uri(byte[] input) {
    String text = new String(input, StandardCharsets.UTF_8);
    try {
      SpiffeId id = Allocation.bounded(input, () -> SpiffeId.parse(text));
      assertThat(id).hasToString(text);
      assertThat(text).matches("spiffe://[a-z0-9._-]+(/[A-Za-z0-9._-]+)*");
      assertThat(id.path() + "/").doesNotContain("/../", "/./");
      assertThat(SpiffeId.parse("spiffe://" + id.principal())).isEqualTo(id);
      if (id.namespace().isPresent()) {
        String namespace = id.namespace().get();
        assertThat(SpiffeId.workload(id.trustDomain(), namespace, id.serviceAccount().get()))
            .isEqualTo(id);
      }
    } catch (InvalidSpiffeIdException e) {
      assertThat(e.getMessage()).containsAnyOf("SPIFFE", "trust domain");
    }
  }
}

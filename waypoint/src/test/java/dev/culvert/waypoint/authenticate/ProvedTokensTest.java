// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.authenticate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class ProvedTokensTest {
  private final ProvedTokens<Integer> proved = new ProvedTokens<>();

  @Test
  void veryLongOneIsNotKept() {
    String longest = "x".repeat(4096);
    proved.remember(longest, 1, _ -> false);
    proved.remember(longest + "x", 2, _ -> false);
    assertThat(proved.get(longest)).isEqualTo(1);
    assertThat(proved.get(longest + "x")).isNull();
  }

  @Test
  void thereAreNeverMoreThanSoMany() {
    for (int i = 0; i < 20_000; i++) {
      proved.remember("t" + i, i, _ -> false);
      assertThat(proved.size()).isLessThanOrEqualTo(4096);
      assertThat(proved.get("t" + i)).isEqualTo(i);
    }
  }

  @Test
  void uselessOnesGoFirst() {
    for (int i = 0; i < 4096; i++) {
      proved.remember("t" + i, i, _ -> false);
    }
    proved.remember("next", -1, value -> value >= 1000);
    assertThat(proved.size()).isEqualTo(1001);
    assertThat(proved.get("t999")).isEqualTo(999);
    assertThat(proved.get("t1000")).isNull();
  }

  @Test
  void forgottenIsUnknown() {
    proved.remember("t", 1, _ -> false);
    proved.forget("t");
    assertThat(proved.get("t")).isNull();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.limits;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

class SparingLinesTest {
  private long now;
  private final SparingLines lines = new SparingLines(() -> now);

  @Test
  void hundredInTenSecondsAndThenHowManyWereLeftOut() {
    for (int i = 0; i < 100; i++) {
      assertThat(lines.next()).isEqualTo(OptionalLong.of(0));
    }
    now += Duration.ofMillis(9_999).toNanos();
    for (int i = 0; i < 7; i++) {
      assertThat(lines.next()).isEmpty();
    }
    now += Duration.ofMillis(1).toNanos();
    assertThat(lines.next()).isEqualTo(OptionalLong.of(7));
    assertThat(lines.next()).isEqualTo(OptionalLong.of(0));
  }
}

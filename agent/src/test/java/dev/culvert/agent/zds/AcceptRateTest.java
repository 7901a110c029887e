// SPDX-License-Identifier: Apache-2.0
package dev.culvert.agent.zds;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

final class AcceptRateTest {
  private static final long SECOND = 1_000_000_000L;

  @Test
  void sixthConnectionWaitsForTheFirstSecondToPass() {
    AcceptRate rate = new AcceptRate();
    for (int i = 0; i < 5; i++) {
      assertThat(rate.waitNanos(i * 100L)).isZero();
      rate.accepted(i * 100L);
    }
    assertThat(rate.waitNanos(500)).isEqualTo(SECOND - 500);
    rate.accepted(SECOND);
    assertThat(rate.waitNanos(SECOND)).isEqualTo(100);
    assertThat(rate.waitNanos(SECOND + 100)).isZero();
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.controlplane.status;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WritePaceTest {
  private final AtomicLong now = new AtomicLong(1_000_000);
  private final WritePace pace = new WritePace(Duration.ofNanos(10), 3, now::get);

  @Test
  void burstGoesAtOnceAndTheRestOneByOne() {
    assertThat(pace.turn()).isNotPositive();
    assertThat(pace.turn()).isNotPositive();
    assertThat(pace.turn()).isNotPositive();
    assertThat(pace.turn()).isEqualTo(10);
    assertThat(pace.turn()).isEqualTo(20);
  }

  @Test
  void restAllowsOneBurstAndNoMore() {
    now.addAndGet(1_000);
    for (int i = 0; i < 3; i++) {
      assertThat(pace.turn()).isNotPositive();
    }
    assertThat(pace.turn()).isEqualTo(10);
  }
}

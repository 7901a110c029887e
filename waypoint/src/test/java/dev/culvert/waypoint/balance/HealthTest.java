// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.balance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.traffic.HealthCheck;
import java.time.Duration;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

final class HealthTest {
  @Test
  void healthChangesAfterSoManyAnswersInARow() {
    HealthCheck check =
        new HealthCheck(
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            2,
            3,
            new HealthCheck.Tcp(OptionalInt.empty()));
    Health health = new Health();
    assertThat(health.ask()).isTrue();
    assertThat(health.ask()).as("not before it answered").isFalse();
    assertThat(health.answered(false, check)).isFalse();
    assertThat(health.answered(true, check)).isFalse();
    assertThat(health.answered(false, check)).isFalse();
    assertThat(health.isIll()).isFalse();
    assertThat(health.answered(false, check)).isTrue();
    assertThat(health.isIll()).isTrue();
    assertThat(health.answered(true, check)).isFalse();
    assertThat(health.answered(true, check)).isFalse();
    assertThat(health.answered(true, check)).isTrue();
    assertThat(health.isIll()).isFalse();
    assertThat(health.ask()).isTrue();
  }
}

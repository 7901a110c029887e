// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.balance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.traffic.ConnectionLimits;
import dev.culvert.policy.traffic.RateLimit;
import dev.culvert.waypoint.plan.Bounds;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Rates and bounds of what goes to a cluster. */
final class BoundsTest {
  @Test
  void bucketLetsTheRateGoAndTheBurst() {
    long[] now = {Long.MAX_VALUE - 50};
    TokenBucket bucket =
        new TokenBucket(new RateLimit(10, Duration.ofNanos(1_000), 3), () -> now[0]);
    assertThat(bucket.take()).isZero();
    assertThat(bucket.take()).isZero();
    assertThat(bucket.take()).isZero();
    assertThat(bucket.take()).as("the next may go then").isEqualTo(100);
    now[0] += 99;
    assertThat(bucket.take()).as("and the clock may overflow").isEqualTo(1);
    now[0] += 1;
    assertThat(bucket.take()).isZero();
    assertThat(bucket.take()).isEqualTo(100);
    now[0] += 10_000;
    for (int i = 0; i < 3; i++) {
      assertThat(bucket.take()).as("no more than the burst is saved").isZero();
    }
    assertThat(bucket.take()).isEqualTo(100);
  }

  /** As long as a clock counts, and longer: it must not come out as a debt. */
  @Test
  void bucketOfAGreatBurstIsNoDebt() {
    RateLimit slow = new RateLimit(1, Duration.ofHours(50_000), 1_000_000);
    TokenBucket bucket = new TokenBucket(slow, () -> 0);
    for (int i = 0; i < 10; i++) {
      assertThat(bucket.take()).isZero();
    }
  }

  @Test
  void boundsAreGivenBack() {
    Bounds bounds =
        new Bounds(new ConnectionLimits(1, 1, 2, 1, Optional.empty(), Optional.empty()));
    assertThat(bounds.takeConnection(false)).isTrue();
    assertThat(bounds.takeConnection(false)).isFalse();
    assertThat(bounds.takeConnection(true)).as("whoever has none gets one").isTrue();
    bounds.giveConnection();
    bounds.giveConnection();
    assertThat(bounds.takeConnection(false)).isTrue();
    assertThat(bounds.takeRequest()).isTrue();
    assertThat(bounds.takeRequest()).isTrue();
    assertThat(bounds.takeRequest()).isFalse();
    assertThat(bounds.takeRepeated(50, 0)).as("one of two").isTrue();
    assertThat(bounds.takeRepeated(50, 0)).isFalse();
    assertThat(bounds.takeRepeated(0, 2)).isTrue();
  }
}

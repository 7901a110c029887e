// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.culvert.policy.traffic.LoadBalancing;
import dev.culvert.policy.traffic.LoadBalancing.Algorithm;
import dev.culvert.policy.traffic.SlowStart;
import dev.culvert.waypoint.plan.Bounds;
import dev.culvert.waypoint.plan.Protocol;
import dev.culvert.waypoint.plan.Target;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Endpoints that are new. */
final class SlowStartTest extends BalanceCase {
  private static final Target TARGET =
      new Target(InetSocketAddress.createUnresolved("web", 80), Protocol.HTTP1);

  @Test
  void shareOfANewEndpointGrows() {
    Endpoint old = new Endpoint(cluster, "old", true, TARGET);
    Endpoint fresh = new Endpoint(cluster, "new", false, TARGET);
    SlowStart minute = new SlowStart(Duration.ofMinutes(1), 10);
    long now = System.nanoTime();
    assertThat(warm(old, minute, now)).isEqualTo(10_000);
    assertThat(warm(fresh, minute, now)).as("a tenth").isCloseTo(1_000, within(300));
    assertThat(warm(fresh, minute, now + Duration.ofSeconds(30).toNanos()))
        .as("half")
        .isCloseTo(5_000, within(500));
    assertThat(warm(fresh, minute, now + Duration.ofSeconds(61).toNanos())).isEqualTo(10_000);
  }

  private static int warm(Endpoint endpoint, SlowStart slowStart, long now) {
    Slot slot = new Slot(endpoint, member(1, 1), Bounds.NONE, Optional.empty());
    return (int) IntStream.range(0, 10_000).filter(i -> slot.isWarm(slowStart, now)).count();
  }

  @Test
  void newEndpointStartsSlowlyAmongOthers() {
    cluster.behave(
        traffic(
            new LoadBalancing(
                Algorithm.Random,
                Optional.empty(),
                Optional.of(new SlowStart(Duration.ofDays(1), 10))),
            Optional.empty()));
    Roster before = roster(members(1));
    // A tenth of a share beside a whole one is an eleventh.
    assertThat(count(roster(members(1, 1)), 11_000).get(2)).isCloseTo(1_000, within(300));
    assertThat(count(before, 10)).containsOnlyKeys(1);
  }
}

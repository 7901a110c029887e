// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.culvert.policy.traffic.LoadBalancing.Algorithm;
import dev.culvert.waypoint.plan.Hash64;
import dev.culvert.waypoint.plan.Pick;
import dev.culvert.waypoint.plan.Protocol;
import dev.culvert.waypoint.plan.Target;
import dev.culvert.waypoint.plan.Usage.Outcome;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** How each algorithm shares requests. */
final class BalanceTest extends BalanceCase {
  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void nobodyIsLeftOut(Algorithm algorithm) {
    assertThat(count(roster(algorithm, 1, 1, 1, 1), 4_000)).hasSize(4);
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void sharesAreByCapacity(Algorithm algorithm) {
    // Least request compares loads too: nothing is under way here, so that its draws decide.
    assertThat(count(roster(algorithm, 3, 1), 40_000).get(1)).isCloseTo(30_000, within(3_000));
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void noEndpoint(Algorithm algorithm) {
    cluster.behave(balancing(algorithm));
    assertThat(roster(List.of()).next(Request.FIRST, Protocol.HTTP1)).isInstanceOf(Pick.None.class);
  }

  @ParameterizedTest
  @EnumSource(Algorithm.class)
  void furtherAttemptGoesElsewhere(Algorithm algorithm) {
    Roster roster = roster(algorithm, 1, 1);
    for (int i = 0; i < 100; i++) {
      Target first = pick(roster, Request.FIRST);
      assertThat(pick(roster, new Request(0, List.of(first))).address())
          .isNotEqualTo(first.address());
    }
  }

  @Test
  void leastRequestSparesTheBusy() {
    Roster roster = roster(Algorithm.LeastRequest, 1, 1, 1);
    Target busy = pick(roster, Request.FIRST);
    busy.usage().began();
    assertThat(count(roster, 1_000)).doesNotContainKey(number(busy));
    busy.usage().ended(Outcome.ANSWERED);
    assertThat(count(roster, 1_000)).containsKey(number(busy));
  }

  @Test
  void leastRequestOfManySparesTheBusy() {
    Roster roster = roster(Algorithm.LeastRequest, 1, 1, 1, 1, 1);
    Target busy = pick(roster, Request.FIRST);
    busy.usage().began();
    // Only when it is drawn twice: 1 in 5 * 5 ^ 4.
    assertThat(count(roster, 10_000).getOrDefault(number(busy), 0)).isLessThan(100);
  }

  @Test
  void roundRobinTakesAllInTurn() {
    Roster roster = roster(Algorithm.RoundRobin, 2, 1, 1);
    List<Integer> order = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      order.add(number(pick(roster, Request.FIRST)));
    }
    assertThat(order.subList(0, 4)).containsExactlyInAnyOrder(1, 1, 2, 3);
    assertThat(order.subList(4, 8)).isEqualTo(order.subList(0, 4));
    assertThat(order.get(1)).as("spread, not in a row").isNotEqualTo(order.get(0));
  }

  @ParameterizedTest
  @EnumSource(
      value = Algorithm.class,
      names = {"RingHash", "Maglev"})
  void keyStaysWhereItIsWhenOthersGo(Algorithm algorithm) {
    Roster all = roster(algorithm, 1, 1, 1, 1, 1);
    Roster fewer = roster(members(1, 1, 1, 1));
    int moved = 0;
    for (int i = 0; i < 10_000; i++) {
      Request request = new Request(Hash64.mix(i), List.of());
      int before = number(pick(all, request));
      if (before != 5 && number(pick(fewer, request)) != before) {
        moved++;
      }
    }
    assertThat(moved).isLessThan(algorithm == Algorithm.RingHash ? 1 : 1_000);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.balance;

import static org.assertj.core.api.Assertions.assertThat;

import dev.culvert.policy.traffic.LoadBalancing;
import dev.culvert.policy.traffic.LoadBalancing.Algorithm;
import dev.culvert.policy.traffic.OutlierDetection;
import dev.culvert.policy.traffic.Traffic;
import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.plan.Protocol;
import dev.culvert.waypoint.plan.Target;
import dev.culvert.waypoint.plan.Usage.Outcome;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Endpoints that are set aside for what they answered. */
final class OutlierTest extends BalanceCase {
  private Target only(Roster roster, int number) {
    Target found = pick(roster, Request.FIRST);
    while (number(found) != number) {
      found = pick(roster, Request.FIRST);
    }
    return found;
  }

  private static void answer(Target target, Outcome outcome) {
    target.usage().began();
    target.usage().ended(outcome);
  }

  private Traffic outliers(int errors, int gatewayErrors, Duration base, int percent) {
    return traffic(
        new LoadBalancing(Algorithm.RoundRobin, Optional.empty(), Optional.empty()),
        Optional.of(
            new OutlierDetection(
                errors,
                gatewayErrors,
                Duration.ofSeconds(10),
                base,
                Duration.ofHours(1),
                percent)));
  }

  @Test
  void errorsInARowSetAside() {
    cluster.behave(outliers(3, 0, Duration.ofHours(1), 100));
    Roster roster = roster(members(1, 1));
    Target bad = only(roster, 2);
    answer(bad, Outcome.SERVER_ERROR);
    answer(bad, Outcome.NO_ANSWER);
    answer(bad, Outcome.ANSWERED);
    answer(bad, Outcome.SERVER_ERROR);
    answer(bad, Outcome.GATEWAY_ERROR);
    assertThat(count(roster, 10)).as("two in a row").containsKey(2);
    answer(bad, Outcome.UNKNOWN);
    answer(bad, Outcome.SERVER_ERROR);
    assertThat(count(roster, 10)).as("three in a row").containsOnlyKeys(1);
    assertThat(registry.get("culvert_endpoint_ejections").counter().count()).isEqualTo(1);
    assertThat(count(roster(members(1, 1)), 10))
        .as("known of it when the roster changes")
        .containsOnlyKeys(1);
  }

  @Test
  void gatewayErrorsAreCountedApart() {
    cluster.behave(outliers(0, 2, Duration.ofHours(1), 100));
    Roster roster = roster(members(1, 1));
    Target bad = only(roster, 2);
    answer(bad, Outcome.GATEWAY_ERROR);
    answer(bad, Outcome.SERVER_ERROR);
    answer(bad, Outcome.GATEWAY_ERROR);
    assertThat(count(roster, 10)).containsKey(2);
    answer(bad, Outcome.NO_ANSWER);
    assertThat(count(roster, 10)).containsOnlyKeys(1);
  }

  @Test
  void whoWasSetAsideComesBack() {
    cluster.behave(outliers(1, 0, Duration.ofMillis(20), 100));
    Roster roster = roster(members(1, 1));
    answer(only(roster, 2), Outcome.SERVER_ERROR);
    Await.until("it is back", () -> count(roster, 10).containsKey(2));
  }

  @Test
  void longerEachTime() {
    Answers answers = new Answers();
    assertThat(answers.setAside(0, 30, 100, 10)).isEqualTo(30);
    assertThat(answers.setAside(30, 30, 100, 10)).isEqualTo(60);
    assertThat(answers.setAside(90, 30, 100, 10)).isEqualTo(90);
    assertThat(answers.setAside(180, 30, 100, 10)).as("bounded").isEqualTo(100);
    assertThat(answers.isAside(279)).isTrue();
    assertThat(answers.isAside(280)).isFalse();
    assertThat(answers.setAside(310, 30, 100, 10)).as("after three intervals").isEqualTo(60);
  }

  @Test
  void notMoreThanThePercentage() {
    cluster.behave(outliers(1, 0, Duration.ofHours(1), 50));
    Roster roster = roster(members(1, 1, 1, 1));
    for (int number : List.of(1, 2, 3)) {
      answer(only(roster, number), Outcome.SERVER_ERROR);
    }
    assertThat(count(roster, 10)).containsOnlyKeys(3, 4);
  }

  @Test
  void onlyEndpointIsNotSetAside() {
    cluster.behave(outliers(1, 0, Duration.ofHours(1), 100));
    Roster roster = roster(members(1));
    answer(pick(roster, Request.FIRST), Outcome.SERVER_ERROR);
    assertThat(count(roster, 10)).containsOnlyKeys(1);
    assertThat(registry.get("culvert_endpoint_ejections").counter().count()).isZero();
  }

  @Test
  void fartherOnesTakeOverWhenTheNearAreSetAside() {
    cluster.behave(outliers(1, 0, Duration.ofHours(1), 100));
    Roster roster =
        cluster.roster(
            List.of(List.of(member(1, 1), member(2, 1)), List.of(member(3, 1))), Protocol.HTTP1);
    assertThat(count(roster, 10)).containsOnlyKeys(1, 2);
    answer(only(roster, 1), Outcome.NO_ANSWER);
    assertThat(count(roster, 10)).containsOnlyKeys(2);
    answer(only(roster, 2), Outcome.NO_ANSWER);
    assertThat(count(roster, 10)).containsOnlyKeys(3);
    answer(only(roster, 3), Outcome.NO_ANSWER);
    assertThat(count(roster, 10)).as("none is left: rather the near").containsOnlyKeys(1, 2);
  }
}

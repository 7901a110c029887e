// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.balance;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import dev.culvert.policy.traffic.ConnectionLimits;
import dev.culvert.policy.traffic.Faults;
import dev.culvert.policy.traffic.HashKey;
import dev.culvert.policy.traffic.HealthCheck;
import dev.culvert.policy.traffic.LoadBalancing;
import dev.culvert.policy.traffic.LoadBalancing.Algorithm;
import dev.culvert.policy.traffic.OutlierDetection;
import dev.culvert.policy.traffic.RateLimit;
import dev.culvert.policy.traffic.SlowStart;
import dev.culvert.policy.traffic.Traffic;
import dev.culvert.waypoint.peers.Await;
import dev.culvert.waypoint.plan.Asking;
import dev.culvert.waypoint.plan.Bounds;
import dev.culvert.waypoint.plan.Hash64;
import dev.culvert.waypoint.plan.Party;
import dev.culvert.waypoint.plan.Pick;
import dev.culvert.waypoint.plan.Protocol;
import dev.culvert.waypoint.plan.Target;
import dev.culvert.waypoint.plan.Usage.Outcome;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

final class BalanceTest {
  private static final HashKey KEY = new HashKey.Header("x-user");

  private static final Target TARGET =
      new Target(InetSocketAddress.createUnresolved("web", 80), Protocol.HTTP1);

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private final Cluster cluster =
      new Cluster(
          "shop/web:80", "web.shop", new ClusterMeters(registry, "shop", "web"), new NoProber());

  private static final class NoProber implements Prober {
    @Override
    public EventLoop loop() {
      throw new AssertionError("nobody asks");
    }

    @Override
    public void ask(
        EventLoop loop,
        HealthCheck.Probe probe,
        Target target,
        String host,
        Duration timeout,
        Consumer<Optional<String>> told) {
      throw new AssertionError("nobody asks");
    }
  }

  private record Request(long hash, List<Target> tried) implements Asking {
    static final Request FIRST = new Request(0, List.of());

    @Override
    public boolean isHttp2() {
      return false;
    }

    @Override
    public InetSocketAddress address() {
      return InetSocketAddress.createUnresolved("web", 80);
    }

    @Override
    public long hash(HashKey key) {
      return hash;
    }
  }

  private static Member member(int number, int weight) {
    return new Member(
        new InetSocketAddress("198.18.0." + number, 80), Optional.empty(), Party.UNKNOWN, weight);
  }

  private static List<Member> members(int... weights) {
    return IntStream.range(0, weights.length).mapToObj(i -> member(i + 1, weights[i])).toList();
  }

  private static Traffic traffic(LoadBalancing balancing, Optional<OutlierDetection> outliers) {
    return new Traffic(
        balancing,
        ConnectionLimits.NONE,
        outliers,
        Optional.empty(),
        Optional.empty(),
        Faults.NONE,
        Optional.empty(),
        Optional.empty());
  }

  private static Traffic balancing(Algorithm algorithm) {
    Optional<HashKey> key = algorithm.isByKey() ? Optional.of(KEY) : Optional.empty();
    return traffic(new LoadBalancing(algorithm, key, Optional.empty()), Optional.empty());
  }

  private Roster roster(List<Member> members) {
    return cluster.roster(List.of(members), Protocol.HTTP1);
  }

  private Roster roster(Algorithm algorithm, int... weights) {
    cluster.behave(balancing(algorithm));
    return roster(members(weights));
  }

  private static Target pick(Roster roster, Asking asking) {
    return (Target) roster.next(asking, Protocol.HTTP1);
  }

  /** The last part of the address. */
  private static int number(Target target) {
    return target.address().getAddress().getAddress()[3];
  }

  private static Map<Integer, Integer> count(Roster roster, int requests) {
    Map<Integer, Integer> counts = new HashMap<>();
    for (int i = 0; i < requests; i++) {
      Request request = new Request(Hash64.mix(i), List.of());
      counts.merge(number(pick(roster, request)), 1, Integer::sum);
    }
    return counts;
  }

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

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.balance;

import dev.culvert.policy.traffic.ConnectionLimits;
import dev.culvert.policy.traffic.Faults;
import dev.culvert.policy.traffic.HashKey;
import dev.culvert.policy.traffic.HealthCheck;
import dev.culvert.policy.traffic.LoadBalancing;
import dev.culvert.policy.traffic.LoadBalancing.Algorithm;
import dev.culvert.policy.traffic.OutlierDetection;
import dev.culvert.policy.traffic.Traffic;
import dev.culvert.waypoint.plan.Asking;
import dev.culvert.waypoint.plan.Hash64;
import dev.culvert.waypoint.plan.Party;
import dev.culvert.waypoint.plan.Protocol;
import dev.culvert.waypoint.plan.Target;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.netty.channel.EventLoop;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** A cluster, and requests that pick an endpoint of it. */
abstract class BalanceCase {
  private static final HashKey KEY = new HashKey.Header("x-user");

  final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  final Cluster cluster =
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

  record Request(long hash, List<Target> tried) implements Asking {
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

  static Member member(int number, int weight) {
    return new Member(
        new InetSocketAddress("198.18.0." + number, 80), Optional.empty(), Party.UNKNOWN, weight);
  }

  static List<Member> members(int... weights) {
    return IntStream.range(0, weights.length).mapToObj(i -> member(i + 1, weights[i])).toList();
  }

  static Traffic traffic(LoadBalancing balancing, Optional<OutlierDetection> outliers) {
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

  static Traffic balancing(Algorithm algorithm) {
    Optional<HashKey> key = algorithm.isByKey() ? Optional.of(KEY) : Optional.empty();
    return traffic(new LoadBalancing(algorithm, key, Optional.empty()), Optional.empty());
  }

  final Roster roster(List<Member> members) {
    return cluster.roster(List.of(members), Protocol.HTTP1);
  }

  final Roster roster(Algorithm algorithm, int... weights) {
    cluster.behave(balancing(algorithm));
    return roster(members(weights));
  }

  static Target pick(Roster roster, Asking asking) {
    return (Target) roster.next(asking, Protocol.HTTP1);
  }

  /** The last part of the address. */
  static int number(Target target) {
    return target.address().getAddress().getAddress()[3];
  }

  static Map<Integer, Integer> count(Roster roster, int requests) {
    Map<Integer, Integer> counts = new HashMap<>();
    for (int i = 0; i < requests; i++) {
      Request request = new Request(Hash64.mix(i), List.of());
      counts.merge(number(pick(roster, request)), 1, Integer::sum);
    }
    return counts;
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.balance;

import dev.culvert.waypoint.plan.Target;
import dev.culvert.waypoint.plan.Usage;
import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicInteger;

/** One endpoint of a cluster and how it fares, whatever changes around it. Any thread. */
final class Endpoint implements Usage {
  private final Cluster cluster;
  private final String name;
  private final long since;
  private final boolean fromTheStart;
  private final AtomicInteger active = new AtomicInteger();
  private final Answers answers = new Answers();
  private final Health health = new Health();
  private volatile Target reached;

  /**
   * @param fromTheStart whether it was there when the cluster came to be
   * @param reached how it is reached
   */
  Endpoint(Cluster cluster, String name, boolean fromTheStart, Target reached) {
    this.reached = reached;
    this.cluster = cluster;
    this.name = name;
    this.fromTheStart = fromTheStart;
    this.since = System.nanoTime();
  }

  /** As it is hashed and told. */
  String name() {
    return name;
  }

  /** Requests under way. */
  int active() {
    return active.get();
  }

  /** Nanoseconds since it is there; at most of those that were there from the start. */
  long age(long now) {
    return fromTheStart ? Long.MAX_VALUE : now - since;
  }

  boolean isUsable(long now) {
    return !health.isIll() && !answers.isAside(now);
  }

  /** What it answers when it is asked whether it is well. */
  Health health() {
    return health;
  }

  /** It is reached so from now on. */
  void reachedAt(Target now) {
    reached = now;
  }

  /** What is asked whether it is well, beside all bounds of requests. */
  Target probed(OptionalInt port) {
    InetSocketAddress address = reached.address();
    return port.isEmpty() || port.getAsInt() == address.getPort() || address.isUnresolved()
        ? reached
        : new Target(
            new InetSocketAddress(address.getAddress(), port.getAsInt()),
            reached.protocol(),
            reached.way(),
            reached.party(),
            reached.bounds(),
            reached.usage(),
            reached.tls(),
            // Another port is most often for checks alone, as in HAProxy's check-send-proxy.
            Optional.empty());
  }

  /** How it answered. */
  Answers answers() {
    return answers;
  }

  @Override
  public void began() {
    active.incrementAndGet();
  }

  @Override
  public void ended(Outcome outcome) {
    active.decrementAndGet();
    cluster.answered(this, outcome);
  }
}

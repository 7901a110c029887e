// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.balance;

import dev.culvert.policy.traffic.SlowStart;
import dev.culvert.waypoint.plan.Asking;
import dev.culvert.waypoint.plan.Bounds;
import dev.culvert.waypoint.plan.Protocol;
import dev.culvert.waypoint.plan.SentProxyHeader;
import dev.culvert.waypoint.plan.Target;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** A place in a tier: an endpoint, its share, and the target that it is. Immutable. */
final class Slot {
  /** Which endpoints will do. */
  enum Demand {
    /** Those that can be used and did not have the request yet. */
    UNTRIED,
    /** Those that can be used. */
    USABLE,
    /** All. */
    ANY
  }

  private final Endpoint endpoint;
  private final int weight;
  private final long id;
  private final Target http1;
  private final Target http2;

  /**
   * @param proxyHeader what connections to it begin with
   */
  Slot(Endpoint endpoint, Member member, Bounds bounds, Optional<SentProxyHeader> proxyHeader) {
    this.endpoint = endpoint;
    this.weight = member.weight();
    this.http1 = target(member, Protocol.HTTP1, bounds, proxyHeader);
    this.http2 = target(member, Protocol.HTTP2, bounds, proxyHeader);
    this.id = http1.id();
  }

  private Target target(
      Member member, Protocol protocol, Bounds bounds, Optional<SentProxyHeader> proxyHeader) {
    return new Target(
        member.address(),
        protocol,
        member.way(),
        member.party(),
        bounds,
        endpoint,
        member.tls(),
        proxyHeader);
  }

  Endpoint endpoint() {
    return endpoint;
  }

  int weight() {
    return weight;
  }

  /** That of its target. */
  long id() {
    return id;
  }

  Target target(Protocol protocol) {
    return protocol == Protocol.HTTP2 ? http2 : http1;
  }

  boolean meets(Demand demand, Asking asking, long now) {
    return switch (demand) {
      case UNTRIED -> endpoint.isUsable(now) && !wasTried(asking);
      case USABLE -> endpoint.isUsable(now);
      case ANY -> true;
    };
  }

  private boolean wasTried(Asking asking) {
    for (Target tried : asking.tried()) {
      if (tried.address().equals(http1.address()) && tried.way().equals(http1.way())) {
        return true;
      }
    }
    return false;
  }

  /** Whether it is lightly enough used, in proportion to its share. */
  boolean isFreerThan(Slot other) {
    return (long) endpoint.active() * other.weight < (long) other.endpoint.active() * weight;
  }

  /** Drawn by chance while its share grows. */
  boolean isWarm(SlowStart slowStart, long now) {
    long window = slowStart.window().toNanos();
    long age = endpoint.age(now);
    if (age >= window) {
      return true;
    }
    double share = Math.max(slowStart.minPercent() / 100.0, (double) age / window);
    return ThreadLocalRandom.current().nextDouble() < share;
  }
}

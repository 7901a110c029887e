// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.plan;

import dev.culvert.policy.traffic.ConnectionLimits;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * What bounds the connections and requests to a destination from all event loops, and how many
 * there are now. Whatever is taken is given back once.
 */
public final class Bounds {
  /** Nothing is bounded, and nothing counted. */
  public static final Bounds NONE = new Bounds(ConnectionLimits.NONE);

  private final ConnectionLimits limits;
  private final AtomicInteger connections = new AtomicInteger();
  private final AtomicInteger waiting = new AtomicInteger();
  private final AtomicInteger requests = new AtomicInteger();
  private final AtomicInteger repeated = new AtomicInteger();

  public Bounds(ConnectionLimits limits) {
    this.limits = limits;
  }

  /** As they were asked for. */
  public ConnectionLimits limits() {
    return limits;
  }

  /**
   * Takes a connection.
   *
   * @param needed whether it is taken whatever the bound is
   */
  public boolean takeConnection(boolean needed) {
    return this == NONE || take(connections, needed ? Integer.MAX_VALUE : limits.maxConnections());
  }

  /** Gives a connection back. */
  public void giveConnection() {
    give(connections);
  }

  /** Takes a place among the requests that wait for a connection. */
  public boolean takePlace() {
    return this == NONE || take(waiting, limits.maxPendingRequests());
  }

  /** Gives a place back. */
  public void givePlace() {
    give(waiting);
  }

  /** Takes a request. */
  public boolean takeRequest() {
    return this == NONE || take(requests, limits.maxRequests());
  }

  /** Gives a request back. */
  public void giveRequest() {
    give(requests);
  }

  /**
   * Takes a repeated request.
   *
   * @param percent so many of the requests may be
   * @param least so many may be in any case
   */
  public boolean takeRepeated(int percent, int least) {
    return this == NONE
        || take(repeated, Math.max(least, (int) ((long) requests.get() * percent / 100)));
  }

  /** Gives a repeated request back. */
  public void giveRepeated() {
    give(repeated);
  }

  private static boolean take(AtomicInteger count, int most) {
    if (count.incrementAndGet() > most) {
      count.decrementAndGet();
      return false;
    }
    return true;
  }

  private void give(AtomicInteger count) {
    if (this != NONE) {
      count.decrementAndGet();
    }
  }
}

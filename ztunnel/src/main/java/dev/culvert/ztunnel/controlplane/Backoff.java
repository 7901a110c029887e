// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.controlplane;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * How long to wait before the next attempt: {@code first}, doubled after each failure up to {@code
 * longest}, each spread by {@code jitter} to both sides so that many clients do not come back in
 * step. Not thread-safe: one owner.
 */
public final class Backoff {
  private final Duration first;
  private final Duration longest;
  private final double jitter;
  private final RandomGenerator random;
  private Duration next;

  /**
   * @param jitter fraction of the wait by which it may be shorter or longer, 0 to 1
   */
  public Backoff(Duration first, Duration longest, double jitter, RandomGenerator random) {
    this.first = first;
    this.longest = longest;
    this.jitter = jitter;
    this.random = random;
    this.next = first;
  }

  /** 10 ms to 15 s: the pace of ztunnel's streams to its control plane. */
  public static Backoff ofStream(RandomGenerator random) {
    return new Backoff(Duration.ofMillis(10), Duration.ofSeconds(15), 0.2, random);
  }

  /**
   * 10 ms to 1 s: the pace of connections to a socket of this node. One client asks, who is refused
   * at no cost, and a pod that starts waits for it.
   */
  public static Backoff ofNodeSocket(RandomGenerator random) {
    return new Backoff(Duration.ofMillis(10), Duration.ofSeconds(1), 0.2, random);
  }

  /** 0.5 s to 150 s: the pace of certificate requests for one identity. */
  public static Backoff ofCertificate(RandomGenerator random) {
    return new Backoff(Duration.ofMillis(500), Duration.ofSeconds(150), 0.2, random);
  }

  /** The wait before the next attempt. Each call doubles the following one. */
  public Duration next() {
    Duration wait = next;
    next = wait.multipliedBy(2).compareTo(longest) > 0 ? longest : wait.multipliedBy(2);
    double spread = 1 + jitter * (2 * random.nextDouble() - 1);
    return Duration.ofNanos((long) (wait.toNanos() * spread));
  }

  /** The last attempt worked: start again from {@code first}. */
  public void reset() {
    next = first;
  }
}

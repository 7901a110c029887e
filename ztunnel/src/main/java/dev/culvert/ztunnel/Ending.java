// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel;

import dev.culvert.ztunnel.capture.PodProxies;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The time between SIGTERM and the end, which may be hours: the next ztunnel has the pods' ports,
 * and this one the connections that it had accepted. Tells how many are left.
 */
final class Ending {
  private static final Logger LOG = LoggerFactory.getLogger(Ending.class);
  private static final long LOOK_MILLIS = 20;
  private static final Duration STAND_IN = Duration.ofSeconds(1);
  private static final Duration FIRST_REPORT = Duration.ofSeconds(10);
  private static final Duration LONGEST_BETWEEN_REPORTS = Duration.ofMinutes(5);

  private final PodProxies proxies;
  private volatile boolean begun;
  private volatile long deadline;

  Ending(PodProxies proxies, MeterRegistry registry) {
    this.proxies = proxies;
    Gauge.builder("culvert_draining_connections", this, Ending::open)
        .description("Open connections and tunnels of pods that this process has let go.")
        .register(registry);
    Gauge.builder("culvert_draining_pods", proxies, all -> all.draining().size())
        .description("Pods that this process has let go and that have something open.")
        .register(registry);
    Gauge.builder("culvert_draining_seconds_left", this, Ending::secondsLeft)
        .description("Until what is open is reset; 0 while the process is not told to end.")
        .register(registry);
  }

  boolean hasBegun() {
    return begun;
  }

  private int open() {
    return proxies.draining().values().stream().mapToInt(Integer::intValue).sum();
  }

  private long secondsLeft() {
    long nanos = begun ? deadline - System.nanoTime() : 0;
    return Math.max(0, TimeUnit.NANOSECONDS.toSeconds(nanos));
  }

  /** What is left, for people. */
  String report() {
    Map<String, Integer> left = proxies.draining();
    return "draining: %d connections and tunnels of %d pods are open, reset in %d s; %s"
        .formatted(open(), left.size(), secondsLeft(), left);
  }

  /**
   * Lets all pods go and waits until nothing of them is left.
   *
   * @param patience after which their connections are reset
   * @param more how long that may take
   */
  void await(Duration patience, Duration more) {
    deadline = System.nanoTime() + patience.toNanos();
    begun = true;
    proxies.end(patience);
    try {
      follow(deadline + more.toNanos());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void follow(long end) throws InterruptedException {
    Duration between = FIRST_REPORT;
    long nextReport = System.nanoTime() + between.toNanos();
    long nextStandIn = System.nanoTime() + STAND_IN.toNanos();
    while (!proxies.isGone()) {
      long now = System.nanoTime();
      if (now - end >= 0) {
        LOG.warn("{} did not end in time and are left", report());
        return;
      }
      if (now - nextStandIn >= 0) {
        proxies.standIn(Duration.ofNanos(Math.max(0, deadline - now)));
        nextStandIn = now + STAND_IN.toNanos();
      }
      if (now - nextReport >= 0) {
        LOG.info("{}", report());
        between = longer(between);
        nextReport = now + between.toNanos();
      }
      TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
    }
    LOG.info("draining: nothing is open any more");
  }

  private static Duration longer(Duration between) {
    Duration twice = between.multipliedBy(2);
    return twice.compareTo(LONGEST_BETWEEN_REPORTS) < 0 ? twice : LONGEST_BETWEEN_REPORTS;
  }
}

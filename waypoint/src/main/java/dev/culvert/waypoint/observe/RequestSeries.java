// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.observe;

import dev.culvert.waypoint.exchange.Account;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.DistributionSummary;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;

/** The meters of requests that have their labels in common. Any thread. */
final class RequestSeries {
  private static final int RETIRED = -1;

  /** Istio's, from half a millisecond to an hour. */
  private static final double[] MILLIS = {
    0.5, 1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000,
    600_000, 1_800_000, 3_600_000
  };

  private static final double[] BYTES = {
    1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 30_000, 60_000, 300_000, 600_000,
    1_800_000, 3_600_000
  };

  private final MeterRegistry registry;
  private final Counter requests;
  private final DistributionSummary duration;
  private final DistributionSummary received;
  private final DistributionSummary sent;

  /** Of calls: their messages, there and back; else nothing. */
  private final List<Counter> messages;

  /** How many hold them, or {@link #RETIRED}. */
  private final AtomicInteger users = new AtomicInteger();

  private volatile long lastUsed = System.nanoTime();

  /**
   * @param calls whether they are of gRPC
   */
  RequestSeries(MeterRegistry registry, Tags tags, boolean calls) {
    this.registry = registry;
    this.requests = Counter.builder("istio_requests").tags(tags).register(registry);
    this.duration = summary("istio_request_duration_milliseconds", tags, MILLIS);
    this.received = summary("istio_request_bytes", tags, BYTES);
    this.sent = summary("istio_response_bytes", tags, BYTES);
    this.messages =
        calls
            ? Stream.of("istio_request_messages", "istio_response_messages")
                .map(name -> Counter.builder(name).tags(tags).register(registry))
                .toList()
            : List.of();
  }

  private DistributionSummary summary(String name, Tags tags, double[] buckets) {
    return DistributionSummary.builder(name)
        .tags(tags)
        .serviceLevelObjectives(buckets)
        .register(registry);
  }

  /** Counts a request that is over; false when they are not counted any more. */
  boolean count(Account account) {
    if (!acquire()) {
      return false;
    }
    requests.increment();
    duration.record(account.nanos() / (double) TimeUnit.MILLISECONDS.toNanos(1));
    received.record((double) account.requestBytes());
    sent.record((double) account.responseBytes());
    if (!messages.isEmpty()) {
      messages.getFirst().increment((double) account.requestMessages());
      messages.getLast().increment((double) account.responseMessages());
    }
    lastUsed = System.nanoTime();
    users.decrementAndGet();
    return true;
  }

  private boolean acquire() {
    int now = users.get();
    while (now != RETIRED) {
      if (users.compareAndSet(now, now + 1)) {
        return true;
      }
      now = users.get();
    }
    return false;
  }

  /** Ends their use when there was no request for so long. */
  boolean retire(long idleNanos) {
    return users.get() == 0
        && System.nanoTime() - lastUsed > idleNanos
        && users.compareAndSet(0, RETIRED);
  }

  /** Whether their use has ended. */
  boolean isRetired() {
    return users.get() == RETIRED;
  }

  /** They are not told any more. */
  void remove() {
    Stream.of(List.of(requests, duration, received, sent), messages)
        .flatMap(List::stream)
        .map(Meter.class::cast)
        .forEach(registry::remove);
  }
}

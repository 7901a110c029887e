// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.EnumMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/** The counters of all connections between two workloads: adders that a scrape reads. */
final class PairCounters {
  private static final int RETIRED = -1;

  private final MeterRegistry registry;
  private final TrafficLabels labels;
  private final Queue<Meter> meters = new ConcurrentLinkedQueue<>();
  private final LongAdder opened;
  private final LongAdder sent;
  private final LongAdder received;
  private final Map<ResponseFlag, LongAdder> closed = new EnumMap<>(ResponseFlag.class);
  private final Map<ResponseFlag, LongAdder> failed = new EnumMap<>(ResponseFlag.class);
  private final LongAdder open = new LongAdder();
  private LongAdder lookups;

  /** How many hold these counters, or {@link #RETIRED}. */
  private final AtomicInteger users = new AtomicInteger();

  private volatile long lastUsed = System.nanoTime();

  PairCounters(MeterRegistry registry, TrafficLabels labels) {
    this.registry = registry;
    this.labels = labels;
    Tags tags = labels.with(ResponseFlag.NONE);
    opened = counter("istio_tcp_connections_opened", "TCP connections opened.", tags);
    sent = counter("istio_tcp_sent_bytes", "Bytes from clients to servers.", tags);
    received = counter("istio_tcp_received_bytes", "Bytes from servers to clients.", tags);
    meters.add(
        Gauge.builder("istio_tcp_sockets_open", open, LongAdder::sum)
            .description("TCP connections open now.")
            .tags(tags)
            .register(registry));
  }

  /** Takes hold of them; false when they were retired. */
  boolean acquire() {
    int now = users.get();
    while (now != RETIRED) {
      if (users.compareAndSet(now, now + 1)) {
        return true;
      }
      now = users.get();
    }
    return false;
  }

  void release() {
    lastUsed = System.nanoTime();
    users.decrementAndGet();
  }

  /** Ends their use when nobody held them for so long. */
  boolean retire(long idleNanos) {
    return users.get() == 0
        && System.nanoTime() - lastUsed > idleNanos
        && users.compareAndSet(0, RETIRED);
  }

  void open() {
    open.increment();
    opened.increment();
  }

  /** Those of connections that were not counted while they were open. */
  void ended(EndedConnections ended, Outcome outcome) {
    opened.add(ended.count());
    sent.add(ended.allSent());
    received.add(ended.allReceived());
    close(ended.count(), outcome);
  }

  void sent(long bytes) {
    sent.add(bytes);
  }

  void received(long bytes) {
    received.add(bytes);
  }

  void close(Outcome outcome) {
    open.decrement();
    close(1, outcome);
  }

  private void close(int count, Outcome outcome) {
    flagged(count, closed, "istio_tcp_connections_closed", "TCP connections closed.", outcome);
    if (outcome.error().isPresent()) {
      fail(count, outcome);
    }
  }

  void fail(Outcome outcome) {
    fail(1, outcome);
  }

  private void fail(int count, Outcome outcome) {
    flagged(count, failed, "istio_tcp_connections_failed", "TCP connections that failed.", outcome);
  }

  /** Counted from the first time on: hardly a pair has any. */
  synchronized void lookedUp() {
    if (lookups == null) {
      lookups =
          counter(
              "istio_on_demand_dns",
              "Endpoints whose names were looked up for a connection.",
              labels.with(ResponseFlag.NONE));
    }
    lookups.increment();
  }

  /** The pair is not counted any more. */
  void remove() {
    meters.forEach(registry::remove);
  }

  private void flagged(
      int count, Map<ResponseFlag, LongAdder> counters, String name, String help, Outcome outcome) {
    LongAdder counter;
    synchronized (counters) {
      counter =
          counters.computeIfAbsent(outcome.flag(), flag -> counter(name, help, labels.with(flag)));
    }
    counter.add(count);
  }

  private LongAdder counter(String name, String help, Tags tags) {
    LongAdder adder = new LongAdder();
    meters.add(
        FunctionCounter.builder(name, adder, LongAdder::sum)
            .description(help)
            .tags(tags)
            .register(registry));
    return adder;
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.EnumMap;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;

/**
 * The counters of all connections between two workloads. Adders that the registry reads when it is
 * scraped: counting costs an event loop a few nanoseconds.
 */
final class PairCounters {
  private final MeterRegistry registry;
  private final TrafficLabels labels;
  private final Queue<Meter> meters = new ConcurrentLinkedQueue<>();
  private final LongAdder opened;
  private final LongAdder sent;
  private final LongAdder received;
  private final Map<ResponseFlag, LongAdder> closed = new EnumMap<>(ResponseFlag.class);
  private final Map<ResponseFlag, LongAdder> failed = new EnumMap<>(ResponseFlag.class);
  private final AtomicInteger open = new AtomicInteger();
  private volatile long lastUsed = System.nanoTime();

  PairCounters(MeterRegistry registry, TrafficLabels labels) {
    this.registry = registry;
    this.labels = labels;
    Tags tags = labels.with(ResponseFlag.NONE);
    opened = counter("istio_tcp_connections_opened", "TCP connections opened.", tags);
    sent = counter("istio_tcp_sent_bytes", "Bytes from clients to servers.", tags);
    received = counter("istio_tcp_received_bytes", "Bytes from servers to clients.", tags);
  }

  void open() {
    open.incrementAndGet();
    opened.increment();
  }

  void sent(long bytes) {
    sent.add(bytes);
  }

  void received(long bytes) {
    received.add(bytes);
  }

  void close(Outcome outcome) {
    flagged(closed, "istio_tcp_connections_closed", "TCP connections closed.", outcome);
    if (outcome.error().isPresent()) {
      fail(outcome);
    }
    lastUsed = System.nanoTime();
    open.decrementAndGet();
  }

  void fail(Outcome outcome) {
    flagged(failed, "istio_tcp_connections_failed", "TCP connections that failed.", outcome);
    lastUsed = System.nanoTime();
  }

  boolean idleFor(long nanos) {
    return open.get() == 0 && System.nanoTime() - lastUsed > nanos;
  }

  /** The pair is not counted any more. */
  void remove() {
    meters.forEach(registry::remove);
  }

  private void flagged(
      Map<ResponseFlag, LongAdder> counters, String name, String help, Outcome outcome) {
    LongAdder counter;
    synchronized (counters) {
      counter =
          counters.computeIfAbsent(outcome.flag(), flag -> counter(name, help, labels.with(flag)));
    }
    counter.increment();
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

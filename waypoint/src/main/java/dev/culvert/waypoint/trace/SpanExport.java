// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.trace;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.netty.util.concurrent.FastThreadLocal;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * Sends spans to a collector, as OTLP in protobuf over HTTP, on a thread of its own: when 512 wait
 * (or half of what may wait), or after {@value #LINGER_MILLIS} ms. Spans beyond those that may
 * wait, and those that the collector does not take, are dropped and counted.
 */
public final class SpanExport implements AutoCloseable {
  private static final int FULL = 512;
  private static final long LINGER_MILLIS = 200;
  private static final Duration END = Duration.ofSeconds(3);
  private static final String DROPPED = "culvert_otlp_spans_dropped";

  private final List<SpanLane> lanes = new CopyOnWriteArrayList<>();
  private final FastThreadLocal<SpanLane> own =
      new FastThreadLocal<>() {
        @Override
        protected SpanLane initialValue() {
          SpanLane lane = new SpanLane();
          lanes.add(lane);
          return lane;
        }
      };

  private final AtomicInteger waiting = new AtomicInteger();
  private final int most;
  private final int full;
  private final Collector collector;
  private final SpanBatch batch;
  private final Counter sent;
  private final Counter overflow;
  private final Counter failed;
  private final Thread thread;
  private volatile boolean resting;
  private volatile boolean closed;

  /**
   * Begins, where there is a collector to send to.
   *
   * @param resource what it is told of this proxy
   */
  public static Optional<SpanExport> of(
      TraceSettings settings, Map<String, String> resource, MeterRegistry registry) {
    return settings
        .endpoint()
        .map(endpoint -> new SpanExport(endpoint, settings.queue(), resource, registry));
  }

  /**
   * @param most spans that may wait
   * @param resource what the collector is told of this proxy
   */
  private SpanExport(URI endpoint, int most, Map<String, String> resource, MeterRegistry registry) {
    this.most = most;
    this.full = Math.clamp(most / 2, 1, FULL);
    this.collector = new Collector(endpoint);
    this.batch = new SpanBatch(resource);
    this.sent = registry.counter("culvert_otlp_spans_sent");
    this.overflow = registry.counter(DROPPED, "reason", "queue_full");
    this.failed = registry.counter(DROPPED, "reason", "not_taken");
    this.thread = Thread.ofPlatform().daemon().name("otlp-spans").start(this::run);
  }

  /** A request is over. From any thread; never waits. */
  public void offer(EndedHop ended) {
    int now = waiting.incrementAndGet();
    if (now > most) {
      waiting.decrementAndGet();
      overflow.increment();
      return;
    }
    own.get().add(ended);
    // Only who fills a batch wakes the thread: to wake it for each costs more than sending.
    if (resting && now >= full) {
      resting = false;
      LockSupport.unpark(thread);
    }
  }

  /** Sends what waits, within a few seconds, and ends. */
  @Override
  public void close() {
    closed = true;
    LockSupport.unpark(thread);
    try {
      if (!thread.join(END)) {
        thread.interrupt();
        collector.close();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      boolean last = false;
      while (!last) {
        last = closed;
        rest();
        send();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void rest() {
    resting = true;
    if (!closed && waiting.get() < full) {
      LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(LINGER_MILLIS));
    }
    resting = false;
  }

  private void send() throws InterruptedException {
    for (SpanLane lane : lanes) {
      for (SpanText part = lane.take(); part != null; part = lane.take()) {
        if (!batch.hasRoomFor(part)) {
          post();
        }
        batch.add(part);
        waiting.addAndGet(-part.count());
        lane.giveBack(part);
      }
    }
    post();
  }

  private void post() throws InterruptedException {
    int count = batch.count();
    if (count > 0) {
      (batch.post(collector) ? sent : failed).increment(count);
    }
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.sdk.common.CompletableResultCode;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What waits to be sent to a collector, and the thread that sends it, batch by batch. It holds so
 * many; those beyond, and those the collector does not take, are dropped and counted: nobody who
 * offers ever waits.
 *
 * @param <T> what is sent
 */
public final class ExportQueue<T> implements AutoCloseable {
  /** What a collector may take for an answer. */
  public static final Duration TIMEOUT = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(ExportQueue.class);
  private static final int MAX_BATCH = 512;
  private static final long POLL_MILLIS = 200;
  private static final Duration END = Duration.ofSeconds(3);

  private final BlockingQueue<T> waiting;
  private final Function<List<T>, CompletableResultCode> export;
  private final Counter sent;
  private final Counter overflow;
  private final Counter failed;
  private final Thread thread;
  private volatile boolean closed;

  /**
   * @param what is sent, in the plural: names the thread and, after {@code culvert_otlp_}, the
   *     counters of what was sent and dropped
   * @param capacity how many may wait, 1 or more
   * @param export sends a batch; called on the queue's thread only
   */
  public ExportQueue(
      String what,
      int capacity,
      MeterRegistry registry,
      Function<List<T>, CompletableResultCode> export) {
    this.waiting = new ArrayBlockingQueue<>(capacity);
    this.export = export;
    String dropped = "culvert_otlp_" + what + "_dropped";
    this.sent = registry.counter("culvert_otlp_" + what + "_sent");
    this.overflow = registry.counter(dropped, "reason", "queue_full");
    this.failed = registry.counter(dropped, "reason", "not_taken");
    this.thread = Thread.ofPlatform().daemon().name("otlp-" + what).start(this::run);
  }

  /** From any thread; never waits. */
  public void offer(T one) {
    if (!waiting.offer(one)) {
      overflow.increment();
    }
  }

  /** Sends what waits, within a few seconds, and ends. */
  @Override
  public void close() {
    closed = true;
    try {
      if (!thread.join(END)) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    try {
      while (!closed || !waiting.isEmpty()) {
        T first = waiting.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
        if (first != null) {
          send(first);
        }
      }
    } catch (InterruptedException e) {
      LOG.warn("{}: {} were not exported", thread.getName(), waiting.size());
    }
  }

  private void send(T first) {
    List<T> batch = new ArrayList<>(MAX_BATCH);
    batch.add(first);
    waiting.drainTo(batch, MAX_BATCH - 1);
    (isTaken(batch) ? sent : failed).increment(batch.size());
  }

  /** A batch that cannot be made must not be the last. */
  private boolean isTaken(List<T> batch) {
    try {
      return export.apply(batch).join(2 * TIMEOUT.toMillis(), TimeUnit.MILLISECONDS).isSuccess();
    } catch (RuntimeException e) {
      LOG.error("{}: {} cannot be exported", thread.getName(), batch.size(), e);
      return false;
    }
  }
}

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
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What waits to be sent to a collector, and the thread that sends it, batch by batch. A batch goes
 * when it is full (512, or half of a smaller queue), or after {@value #LINGER_MILLIS} ms. The queue
 * holds so many; those beyond, and those the collector does not take, are dropped and counted:
 * nobody who offers ever waits.
 *
 * @param <T> what is sent
 */
public final class ExportQueue<T> implements AutoCloseable {
  /** What a collector may take for an answer. */
  public static final Duration TIMEOUT = Duration.ofSeconds(10);

  private static final Logger LOG = LoggerFactory.getLogger(ExportQueue.class);
  private static final int MAX_BATCH = 512;
  private static final long LINGER_MILLIS = 200;
  private static final Duration END = Duration.ofSeconds(3);

  private final BlockingQueue<T> waiting;
  private final int full;
  private final Function<List<T>, CompletableResultCode> export;
  private final Counter sent;
  private final Counter overflow;
  private final Counter failed;
  private final Thread thread;
  private volatile boolean resting;
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
    this.full = Math.clamp(capacity / 2, 1, MAX_BATCH);
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
    // Only who fills a batch wakes the thread: to wake it for each costs more than sending.
    if (resting && waiting.size() >= full) {
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
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void run() {
    while (!Thread.currentThread().isInterrupted() && !(closed && waiting.isEmpty())) {
      rest();
      send();
    }
    if (!waiting.isEmpty()) {
      LOG.warn("{}: {} were not exported", thread.getName(), waiting.size());
    }
  }

  private void rest() {
    resting = true;
    if (!closed && waiting.size() < full) {
      LockSupport.parkNanos(this, TimeUnit.MILLISECONDS.toNanos(LINGER_MILLIS));
    }
    resting = false;
  }

  private void send() {
    List<T> batch = new ArrayList<>(Math.min(waiting.size(), MAX_BATCH));
    waiting.drainTo(batch, MAX_BATCH);
    if (!batch.isEmpty()) {
      (isTaken(batch) ? sent : failed).increment(batch.size());
    }
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

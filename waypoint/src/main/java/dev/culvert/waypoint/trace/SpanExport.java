// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.trace;

import dev.culvert.ztunnel.telemetry.LogEntry;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends spans to a collector, as OTLP in protobuf over HTTP, on a thread of its own, {@code spans}.
 * It holds so many; those beyond, and those the collector does not take, are dropped and counted:
 * no request waits for it.
 */
public final class SpanExport implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(SpanExport.class);
  private static final int MAX_BATCH = 512;
  private static final long POLL_MILLIS = 200;
  private static final long TIMEOUT_SECONDS = 10;
  private static final long END_MILLIS = 3_000;

  private final BlockingQueue<EndedHop> waiting;
  private final SpanExporter exporter;
  private final SpanRecords records;
  private final Counter sent;
  private final Counter overflow;
  private final Counter failed;
  private final Thread thread;
  private volatile boolean closed;

  /**
   * @param queue spans that may wait
   * @param resource what the collector is told of this proxy
   */
  public SpanExport(URI endpoint, int queue, Map<String, String> resource, MeterRegistry registry) {
    this.waiting = new ArrayBlockingQueue<>(queue);
    this.exporter =
        OtlpHttpSpanExporter.builder()
            .setEndpoint(endpoint.toString())
            .setTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS)
            .build();
    this.records = new SpanRecords(resource);
    this.sent = registry.counter("culvert_otlp_spans_sent");
    this.overflow = registry.counter("culvert_otlp_spans_dropped", "reason", "queue_full");
    this.failed = registry.counter("culvert_otlp_spans_dropped", "reason", "not_taken");
    this.thread = Thread.ofPlatform().daemon().name("spans").start(this::run);
  }

  /**
   * A request is over. From any thread; never waits.
   *
   * @param name of its span, of few values
   * @param nanos since its head came
   */
  public void offer(Hop hop, String name, LogEntry entry, int status, long nanos) {
    Instant now = Instant.now();
    if (!waiting.offer(new EndedHop(hop, name, entry, status, now.minusNanos(nanos), now))) {
      overflow.increment();
    }
  }

  /** Sends what waits, within a few seconds, and ends. */
  @Override
  public void close() {
    closed = true;
    try {
      if (!thread.join(Duration.ofMillis(END_MILLIS))) {
        thread.interrupt();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    var _ = exporter.shutdown();
  }

  private void run() {
    try {
      while (!closed || !waiting.isEmpty()) {
        EndedHop first = waiting.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
        if (first != null) {
          send(first);
        }
      }
    } catch (InterruptedException e) {
      LOG.warn("{} spans were not exported", waiting.size());
    }
  }

  private void send(EndedHop first) {
    List<EndedHop> batch = new ArrayList<>(MAX_BATCH);
    batch.add(first);
    waiting.drainTo(batch, MAX_BATCH - 1);
    var result = exporter.export(records.of(batch)).join(2 * TIMEOUT_SECONDS, TimeUnit.SECONDS);
    (result.isSuccess() ? sent : failed).increment(batch.size());
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.exporter.otlp.http.logs.OtlpHttpLogRecordExporter;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.logs.export.LogRecordExporter;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/**
 * Sends the access log to a collector, as OTLP in protobuf over HTTP, on a thread of its own,
 * {@code otlp}. It holds so many lines; those beyond, and those the collector does not take, are
 * dropped and counted: no connection waits for it.
 */
final class OtlpExport implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(OtlpExport.class);
  private static final int MAX_BATCH = 512;
  private static final long POLL_MILLIS = 200;
  private static final long TIMEOUT_SECONDS = 10;
  private static final long END_MILLIS = 3_000;

  private final BlockingQueue<ExportedLine> lines;
  private final LogRecordExporter exporter;
  private final ExportedLines records;
  private final Counter sent;
  private final Counter overflow;
  private final Counter failed;
  private final Thread thread;
  private volatile boolean closed;

  OtlpExport(OtlpTarget target, MeterRegistry registry) {
    this.lines = new ArrayBlockingQueue<>(target.queue());
    this.exporter =
        OtlpHttpLogRecordExporter.builder()
            .setEndpoint(target.endpoint().toString())
            .setTimeout(TIMEOUT_SECONDS, TimeUnit.SECONDS)
            .build();
    this.records = new ExportedLines(target.resource());
    this.sent = registry.counter("culvert_otlp_access_logs_sent");
    this.overflow = registry.counter("culvert_otlp_access_logs_dropped", "reason", "queue_full");
    this.failed = registry.counter("culvert_otlp_access_logs_dropped", "reason", "not_taken");
    this.thread = Thread.ofPlatform().daemon().name("otlp").start(this::run);
  }

  /** From any thread; never waits. */
  void offer(Level level, AccessEntry entry) {
    if (!lines.offer(new ExportedLine(level, entry, Instant.now()))) {
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
      while (!closed || !lines.isEmpty()) {
        ExportedLine first = lines.poll(POLL_MILLIS, TimeUnit.MILLISECONDS);
        if (first != null) {
          send(first);
        }
      }
    } catch (InterruptedException e) {
      LOG.warn("{} access log lines were not exported", lines.size());
    }
  }

  private void send(ExportedLine first) {
    List<ExportedLine> batch = new ArrayList<>(MAX_BATCH);
    batch.add(first);
    lines.drainTo(batch, MAX_BATCH - 1);
    CompletableResultCode result =
        exporter.export(records.of(batch)).join(2 * TIMEOUT_SECONDS, TimeUnit.SECONDS);
    (result.isSuccess() ? sent : failed).increment(batch.size());
  }
}

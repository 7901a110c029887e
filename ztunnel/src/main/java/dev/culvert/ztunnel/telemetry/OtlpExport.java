// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.exporter.otlp.http.logs.OtlpHttpLogRecordExporter;
import io.opentelemetry.sdk.logs.export.LogRecordExporter;
import java.time.Instant;
import org.slf4j.event.Level;

/** Sends the access log to a collector, as OTLP in protobuf over HTTP. */
final class OtlpExport implements AutoCloseable {
  private final LogRecordExporter exporter;
  private final ExportQueue<ExportedLine> lines;

  OtlpExport(OtlpTarget target, MeterRegistry registry) {
    this.exporter =
        OtlpHttpLogRecordExporter.builder()
            .setEndpoint(target.endpoint().toString())
            .setTimeout(ExportQueue.TIMEOUT)
            .build();
    ExportedLines records = new ExportedLines(target.resource());
    this.lines =
        new ExportQueue<>(
            "access_logs", target.queue(), registry, batch -> exporter.export(records.of(batch)));
  }

  /** From any thread; never waits. */
  void offer(Level level, LogEntry entry) {
    lines.offer(new ExportedLine(level, entry, Instant.now()));
  }

  /** All of them. */
  void offer(Level level, LogBatch batch) {
    for (int i = 0; i < batch.count(); i++) {
      offer(level, batch.entry(i));
    }
  }

  /** Sends what waits, within a few seconds, and ends. */
  @Override
  public void close() {
    lines.close();
    var _ = exporter.shutdown();
  }
}

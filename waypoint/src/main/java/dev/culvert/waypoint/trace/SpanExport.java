// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.trace;

import dev.culvert.waypoint.exchange.Hop;
import dev.culvert.ztunnel.telemetry.ExportQueue;
import dev.culvert.ztunnel.telemetry.LogEntry;
import io.micrometer.core.instrument.MeterRegistry;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.net.URI;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;

/** Sends spans to a collector, as OTLP in protobuf over HTTP. */
public final class SpanExport implements AutoCloseable {
  private final SpanExporter exporter;
  private final ExportQueue<EndedHop> spans;

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
   * @param queue spans that may wait
   * @param resource what the collector is told of this proxy
   */
  private SpanExport(
      URI endpoint, int queue, Map<String, String> resource, MeterRegistry registry) {
    this.exporter =
        OtlpHttpSpanExporter.builder()
            .setEndpoint(endpoint.toString())
            .setTimeout(ExportQueue.TIMEOUT)
            .build();
    SpanRecords records = new SpanRecords(resource);
    this.spans =
        new ExportQueue<>("spans", queue, registry, batch -> exporter.export(records.of(batch)));
  }

  /**
   * A request is over. From any thread; never waits.
   *
   * @param name of its span, of few values
   * @param failed by the server's fault
   * @param nanos since its head came
   */
  public void offer(Hop hop, String name, LogEntry entry, int status, boolean failed, long nanos) {
    Instant now = Instant.now();
    spans.offer(new EndedHop(hop, name, entry, status, failed, now.minusNanos(nanos), now));
  }

  /** Sends what waits, within a few seconds, and ends. */
  @Override
  public void close() {
    spans.close();
    var _ = exporter.shutdown();
  }
}

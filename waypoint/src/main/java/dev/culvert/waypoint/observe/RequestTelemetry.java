// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.observe;

import dev.culvert.waypoint.accept.ClientConnection;
import dev.culvert.waypoint.exchange.Account;
import dev.culvert.waypoint.exchange.Exchange;
import dev.culvert.waypoint.exchange.Hop;
import dev.culvert.waypoint.exchange.Observer;
import dev.culvert.waypoint.http.ResponseFlag;
import dev.culvert.waypoint.plan.Destination;
import dev.culvert.waypoint.trace.EndedHop;
import dev.culvert.waypoint.trace.SpanExport;
import dev.culvert.ztunnel.telemetry.AccessLog;
import dev.culvert.ztunnel.telemetry.LogEntry;
import dev.culvert.ztunnel.telemetry.SeriesLimits;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.event.Level;

/** Counts requests, writes the access log, and tells of spans. */
public final class RequestTelemetry implements Observer {
  private final AccessLog log;
  private final RequestMeters meters;
  private final @Nullable SpanExport spans;
  private final Optional<LineTemplate> template;
  private final Counter refused;
  private final @Nullable Destination asked;

  /**
   * @param limits of what is counted
   * @param spans where sampled requests are told of; empty for nowhere
   * @param template of the lines; empty for the names and the order that they have of old
   */
  public RequestTelemetry(
      AccessLog log,
      MeterRegistry registry,
      SeriesLimits limits,
      Optional<SpanExport> spans,
      Optional<LineTemplate> template) {
    this.log = log;
    this.meters = new RequestMeters(registry, limits);
    this.spans = spans.orElse(null);
    this.template = template;
    this.asked = null;
    this.refused =
        Counter.builder("culvert_connections_refused")
            .description("Connections that were closed before anything of them was read.")
            .register(registry);
  }

  private RequestTelemetry(RequestTelemetry of, Destination asked) {
    this.log = of.log;
    this.meters = of.meters;
    this.spans = of.spans;
    this.template = of.template;
    this.refused = of.refused;
    this.asked = asked;
  }

  /** The same of requests to one service: those that never get to it count as its too. */
  public RequestTelemetry of(Destination service) {
    return new RequestTelemetry(this, service);
  }

  /** Drops what was not counted for long. */
  public void forgetIdle() {
    meters.forgetIdle();
  }

  @Override
  public void finished(Exchange exchange) {
    meters.count(exchange, asked);
    RequestEntry entry = RequestEntry.of(exchange);
    log.write(
        exchange.account().flag() == ResponseFlag.NONE ? Level.INFO : Level.WARN,
        template.isEmpty() ? entry : template.get().entry(entry, exchange));
    Hop hop = exchange.findings().hop();
    if (spans != null && hop != null && hop.sampled()) {
      tell(hop, entry, exchange.account());
    }
  }

  private void tell(Hop hop, RequestEntry entry, Account account) {
    long nanos = account.nanos();
    Instant now = Instant.now();
    long begun = TimeUnit.SECONDS.toNanos(now.getEpochSecond()) + now.getNano() - nanos;
    spans.offer(
        new EndedHop(hop, entry.span(), entry, account.status(), entry.isFailed(), begun, nanos));
  }

  @Override
  public void rejected(ClientConnection connection, int status, String problem) {
    notRead(connection, status, problem, new RejectedEntry(connection, status, problem));
  }

  @Override
  public void refused(ClientConnection connection, String problem) {
    refused.increment();
    notRead(connection, 0, problem, new RefusedEntry(connection, problem));
  }

  private void notRead(ClientConnection connection, int status, String problem, LogEntry plain) {
    log.write(
        Level.WARN,
        template.isEmpty()
            ? plain
            : template.get().entry(RequestEntry.rejected(connection, status, problem)));
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import dev.culvert.policy.authz.Verdict;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Collection;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Counts connections and writes their lines. Safe from any thread. */
public final class ConnectionTelemetry implements Telemetry, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("access");

  /** Coarse: a scrape looks for itself. */
  private static final long TICK_SECONDS = 10;

  private final Set<ConnectionReport> open = ConcurrentHashMap.newKeySet();
  private final ScheduledThreadPoolExecutor ticker;
  private final PairTable pairs;
  private final AccessLog log;
  private final Optional<OtlpExport> export;
  private final Runnable alsoForget;

  /** Counts into {@code registry}, and writes the access log here only. */
  public ConnectionTelemetry(MeterRegistry registry, LogFormat format, SeriesLimits limits) {
    this(registry, format, limits, Optional.empty(), () -> {});
  }

  /**
   * The same beside other counters.
   *
   * @param alsoForget called each time that pairs without a connection are looked for
   */
  public ConnectionTelemetry(
      MeterRegistry registry, LogFormat format, SeriesLimits limits, Runnable alsoForget) {
    this(registry, format, limits, Optional.empty(), alsoForget);
  }

  /**
   * Counts into {@code registry}.
   *
   * @param export where the access log is sent to as well, from its level INFO on
   */
  public ConnectionTelemetry(
      MeterRegistry registry, LogFormat format, SeriesLimits limits, Optional<OtlpTarget> export) {
    this(registry, format, limits, export, () -> {});
  }

  private ConnectionTelemetry(
      MeterRegistry registry,
      LogFormat format,
      SeriesLimits limits,
      Optional<OtlpTarget> export,
      Runnable alsoForget) {
    this.alsoForget = alsoForget;
    this.export = export.map(target -> new OtlpExport(target, registry));
    this.pairs = new PairTable(registry, limits);
    this.log = new AccessLog(format, registry);
    this.ticker =
        new ScheduledThreadPoolExecutor(
            1, Thread.ofPlatform().daemon().name("telemetry").factory());
    var _ = ticker.scheduleWithFixedDelay(this::tick, TICK_SECONDS, TICK_SECONDS, TimeUnit.SECONDS);
  }

  @Override
  public ConnectionMeter open(ConnectionInfo info) {
    ConnectionReport report = new ConnectionReport(info, pairs.acquire(info), this);
    open.add(report);
    if (LOG.isDebugEnabled()) {
      log.write(Level.DEBUG, report.entry("connection opened", Outcome.clean()));
    }
    return report;
  }

  @Override
  public void refused(ConnectionInfo info, Outcome outcome) {
    PairCounters counters = pairs.acquire(info);
    counters.fail(outcome);
    counters.release();
    write(Level.WARN, AccessEntry.refused(info, outcome));
  }

  @Override
  public void lookedUp(ConnectionInfo info) {
    PairCounters counters = pairs.acquire(info);
    counters.lookedUp();
    counters.release();
  }

  /**
   * Connections that nobody here carried are over: they are counted and logged as a whole.
   *
   * @param info that of each of them, but for the client's port
   */
  public void over(
      ConnectionInfo info, EndedConnections ended, Optional<Verdict> verdict, Outcome outcome) {
    PairCounters counters = pairs.acquire(info);
    counters.ended(ended, outcome);
    counters.release();
    Level level = outcome.error().isPresent() ? Level.ERROR : Level.INFO;
    EndedLines lines = new EndedLines(AccessEntry.ended(info, verdict, outcome), ended);
    log.write(level, lines);
    export.ifPresent(otlp -> otlp.offer(level, lines));
  }

  /** The connections that are open now. */
  public Collection<OpenConnection> connections() {
    return open.stream().map(ConnectionReport::snapshot).toList();
  }

  /** Brings the counters up to date with what the event loops counted. Before a scrape. */
  public void fold() {
    open.forEach(ConnectionReport::fold);
  }

  /** Writes what still waits in the access log. */
  @Override
  public void close() {
    ticker.shutdownNow();
    log.close();
    export.ifPresent(OtlpExport::close);
  }

  void closed(ConnectionReport report, AccessEntry entry) {
    open.remove(report);
    write(entry.outcome().error().isPresent() ? Level.ERROR : Level.INFO, entry);
  }

  private void write(Level level, AccessEntry entry) {
    log.write(level, entry);
    export.ifPresent(otlp -> otlp.offer(level, entry));
  }

  void tick() {
    fold();
    pairs.forgetUnused();
    alsoForget.run();
  }
}

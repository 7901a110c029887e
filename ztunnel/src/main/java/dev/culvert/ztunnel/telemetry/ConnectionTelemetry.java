// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import io.micrometer.core.instrument.MeterRegistry;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.slf4j.event.Level;

/** Counts connections and writes their lines. Safe from any thread. */
public final class ConnectionTelemetry implements Telemetry, AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger("access");

  /** Pods come and go: beyond this many pairs, those long unused are counted no more. */
  private static final int MANY_PAIRS = 10_000;

  private static final long UNUSED_NANOS = TimeUnit.MINUTES.toNanos(15);

  private final Map<TrafficLabels, PairCounters> pairs = new ConcurrentHashMap<>();
  private final Set<ConnectionReport> open = ConcurrentHashMap.newKeySet();
  private final AtomicLong lastSweep = new AtomicLong(System.nanoTime());
  private final MeterRegistry registry;
  private final AccessLog log;

  /** Counts into {@code registry}. */
  public ConnectionTelemetry(MeterRegistry registry, LogFormat format) {
    this.registry = registry;
    this.log = new AccessLog(format);
  }

  @Override
  public ConnectionMeter open(ConnectionInfo info) {
    ConnectionReport report = new ConnectionReport(info, counters(info), this);
    open.add(report);
    if (LOG.isDebugEnabled()) {
      log.write(Level.DEBUG, report.entry("connection opened", Outcome.clean()));
    }
    return report;
  }

  @Override
  public void refused(ConnectionInfo info, Outcome outcome) {
    counters(info).fail(outcome);
    log.write(
        Level.WARN, new AccessEntry("connection failed", info, 0, 0, 0, Optional.empty(), outcome));
  }

  /** The connections that are open now. */
  public Collection<ConnectionInfo> connections() {
    return open.stream().map(ConnectionReport::info).toList();
  }

  /** Writes what still waits in the access log. */
  @Override
  public void close() {
    log.close();
  }

  void closed(ConnectionReport report, AccessEntry entry) {
    open.remove(report);
    log.write(entry.outcome().error().isPresent() ? Level.ERROR : Level.INFO, entry);
  }

  private PairCounters counters(ConnectionInfo info) {
    long now = System.nanoTime();
    long last = lastSweep.get();
    if (pairs.size() > MANY_PAIRS
        && now - last > UNUSED_NANOS
        && lastSweep.compareAndSet(last, now)) {
      forgetUnused();
    }
    return pairs.computeIfAbsent(
        TrafficLabels.of(info), labels -> new PairCounters(registry, labels));
  }

  private void forgetUnused() {
    pairs
        .entrySet()
        .removeIf(
            pair -> {
              boolean unused = pair.getValue().idleFor(UNUSED_NANOS);
              if (unused) {
                pair.getValue().remove();
              }
              return unused;
            });
  }
}

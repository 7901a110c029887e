// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import dev.culvert.policy.authz.Verdict;
import java.util.Optional;

/** One connection from its begin to its line in the access log. Written by its event loop. */
final class ConnectionReport implements ConnectionMeter {
  private final ConnectionInfo info;
  private final PairCounters counters;
  private final ConnectionTelemetry telemetry;
  private final long opened = System.nanoTime();
  private long sent;
  private long received;
  private Verdict verdict;
  private boolean closed;

  ConnectionReport(ConnectionInfo info, PairCounters counters, ConnectionTelemetry telemetry) {
    this.info = info;
    this.counters = counters;
    this.telemetry = telemetry;
    counters.open();
  }

  @Override
  public void sent(long bytes) {
    sent += bytes;
    counters.sent(bytes);
  }

  @Override
  public void received(long bytes) {
    received += bytes;
    counters.received(bytes);
  }

  @Override
  public void decided(Verdict decided) {
    verdict = decided;
  }

  @Override
  public void close(Outcome outcome) {
    if (closed) {
      throw new IllegalStateException("closed twice: " + info);
    }
    closed = true;
    counters.close(outcome);
    telemetry.closed(this, entry("connection complete", outcome));
  }

  ConnectionInfo info() {
    return info;
  }

  AccessEntry entry(String message, Outcome outcome) {
    long millis = (System.nanoTime() - opened) / 1_000_000;
    return new AccessEntry(
        message, info, sent, received, millis, Optional.ofNullable(verdict), outcome);
  }
}

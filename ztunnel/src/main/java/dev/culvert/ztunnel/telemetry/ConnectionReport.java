// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import dev.culvert.policy.authz.Verdict;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.util.Optional;

/**
 * One connection from its begin to its line in the access log. Written by its event loop, in plain
 * fields: what was counted there is folded into the pair's counters when somebody looks.
 */
final class ConnectionReport implements ConnectionMeter {
  private static final VarHandle SENT = field("sent");
  private static final VarHandle RECEIVED = field("received");

  private final ConnectionInfo info;
  private final PairCounters counters;
  private final ConnectionTelemetry telemetry;
  private final long opened = System.nanoTime();
  private long sent;
  private long received;
  private long foldedSent;
  private long foldedReceived;
  private volatile TlsSession tls;
  private Verdict verdict;
  private Verdict dryRun;
  private boolean closed;

  /**
   * @param counters acquired for this connection, released with its end
   */
  ConnectionReport(ConnectionInfo info, PairCounters counters, ConnectionTelemetry telemetry) {
    this.info = info;
    this.counters = counters;
    this.telemetry = telemetry;
    counters.open();
  }

  @Override
  public void sent(long bytes) {
    SENT.setOpaque(this, sent + bytes);
  }

  @Override
  public void received(long bytes) {
    RECEIVED.setOpaque(this, received + bytes);
  }

  @Override
  public void decided(Verdict decided) {
    verdict = decided;
  }

  @Override
  public void wouldBeDecided(Verdict verdict) {
    dryRun = verdict;
  }

  @Override
  public void secured(TlsSession session) {
    tls = session;
  }

  @Override
  public void close(Outcome outcome) {
    if (closed) {
      throw new IllegalStateException("closed twice: " + info);
    }
    closed = true;
    fold();
    counters.close(outcome);
    counters.release();
    telemetry.closed(this, entry("connection complete", outcome));
  }

  /** Hands on what was counted since the last time. Any thread. */
  synchronized void fold() {
    long up = (long) SENT.getOpaque(this);
    long down = (long) RECEIVED.getOpaque(this);
    counters.sent(up - foldedSent);
    counters.received(down - foldedReceived);
    foldedSent = up;
    foldedReceived = down;
  }

  /** What can be said of it while it is open. Any thread. */
  OpenConnection snapshot() {
    return new OpenConnection(
        info,
        Optional.ofNullable(tls),
        (long) SENT.getOpaque(this),
        (long) RECEIVED.getOpaque(this));
  }

  AccessEntry entry(String message, Outcome outcome) {
    long millis = (System.nanoTime() - opened) / 1_000_000;
    return new AccessEntry(
        message,
        info,
        sent,
        received,
        millis,
        Optional.ofNullable(verdict),
        Optional.ofNullable(dryRun),
        Optional.ofNullable(tls),
        outcome);
  }

  private static VarHandle field(String name) {
    try {
      return MethodHandles.lookup().findVarHandle(ConnectionReport.class, name, long.class);
    } catch (ReflectiveOperationException e) {
      throw new ExceptionInInitializerError(e);
    }
  }
}

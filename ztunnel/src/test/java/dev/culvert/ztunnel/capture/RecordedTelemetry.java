// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.capture;

import dev.culvert.policy.authz.Verdict;
import dev.culvert.ztunnel.telemetry.ConnectionInfo;
import dev.culvert.ztunnel.telemetry.ConnectionInfo.Direction;
import dev.culvert.ztunnel.telemetry.ConnectionMeter;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.telemetry.Telemetry;
import dev.culvert.ztunnel.telemetry.TlsSession;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Keeps what was reported. */
public final class RecordedTelemetry implements Telemetry {

  /** A connection that ended. */
  public record Ended(
      ConnectionInfo info,
      Outcome outcome,
      long sent,
      long received,
      Optional<Verdict> verdict,
      Optional<TlsSession> tls) {}

  private final BlockingQueue<Ended> ended = new LinkedBlockingQueue<>();
  private final AtomicInteger open = new AtomicInteger();
  private final AtomicInteger lookups = new AtomicInteger();

  @Override
  public ConnectionMeter open(ConnectionInfo info) {
    open.incrementAndGet();
    return new Meter(info);
  }

  @Override
  public void refused(ConnectionInfo info, Outcome outcome) {
    ended.add(new Ended(info, outcome, 0, 0, Optional.empty(), Optional.empty()));
  }

  @Override
  public void lookedUp(ConnectionInfo info) {
    lookups.incrementAndGet();
  }

  /** How many endpoints were looked up by name. */
  public int lookups() {
    return lookups.get();
  }

  public int openConnections() {
    return open.get();
  }

  /** Waits for the next end of a connection of that direction; others before it are skipped. */
  public Ended next(Direction direction) throws InterruptedException {
    Ended one = ended.poll(30, TimeUnit.SECONDS);
    while (one != null && one.info().direction() != direction) {
      one = ended.poll(30, TimeUnit.SECONDS);
    }
    if (one == null) {
      throw new AssertionError("no connection ended");
    }
    return one;
  }

  private final class Meter implements ConnectionMeter {
    private final ConnectionInfo info;
    private final AtomicLong sent = new AtomicLong();
    private final AtomicLong received = new AtomicLong();
    private Verdict verdict;
    private TlsSession tls;

    Meter(ConnectionInfo info) {
      this.info = info;
    }

    @Override
    public void sent(long bytes) {
      sent.addAndGet(bytes);
    }

    @Override
    public void received(long bytes) {
      received.addAndGet(bytes);
    }

    @Override
    public void decided(Verdict verdict) {
      this.verdict = verdict;
    }

    @Override
    public void wouldBeDecided(Verdict verdict) {}

    @Override
    public void secured(TlsSession session) {
      tls = session;
    }

    @Override
    public void close(Outcome outcome) {
      open.decrementAndGet();
      ended.add(
          new Ended(
              info,
              outcome,
              sent.get(),
              received.get(),
              Optional.ofNullable(verdict),
              Optional.ofNullable(tls)));
    }
  }
}

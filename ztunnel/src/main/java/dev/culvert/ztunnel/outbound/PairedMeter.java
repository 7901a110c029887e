// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.outbound;

import dev.culvert.policy.authz.Verdict;
import dev.culvert.ztunnel.telemetry.ConnectionMeter;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.telemetry.TlsSession;

/** Reports one connection as both of its sides. */
record PairedMeter(ConnectionMeter source, ConnectionMeter destination) implements ConnectionMeter {
  @Override
  public void sent(long bytes) {
    source.sent(bytes);
    destination.sent(bytes);
  }

  @Override
  public void received(long bytes) {
    source.received(bytes);
    destination.received(bytes);
  }

  @Override
  public void decided(Verdict verdict) {
    source.decided(verdict);
    destination.decided(verdict);
  }

  @Override
  public void wouldBeDecided(Verdict verdict) {
    source.wouldBeDecided(verdict);
    destination.wouldBeDecided(verdict);
  }

  @Override
  public void secured(TlsSession session) {
    source.secured(session);
    destination.secured(session);
  }

  @Override
  public void close(Outcome outcome) {
    source.close(outcome);
    destination.close(outcome);
  }
}

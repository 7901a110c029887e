// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.peers;

import dev.culvert.policy.authz.Verdict;
import dev.culvert.ztunnel.telemetry.ConnectionMeter;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.telemetry.TlsSession;
import java.util.function.Consumer;

/** Counts nothing and tells how a connection ended. */
public final class OutcomeMeter implements ConnectionMeter {
  private final Consumer<Outcome> ended;

  public OutcomeMeter(Consumer<Outcome> ended) {
    this.ended = ended;
  }

  @Override
  public void sent(long bytes) {}

  @Override
  public void received(long bytes) {}

  @Override
  public void decided(Verdict verdict) {}

  @Override
  public void wouldBeDecided(Verdict verdict) {}

  @Override
  public void secured(TlsSession session) {}

  @Override
  public void close(Outcome outcome) {
    ended.accept(outcome);
  }
}

// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.stream;

import dev.culvert.policy.authz.Verdict;
import dev.culvert.ztunnel.telemetry.ConnectionInfo;
import dev.culvert.ztunnel.telemetry.ConnectionMeter;
import dev.culvert.ztunnel.telemetry.Outcome;
import dev.culvert.ztunnel.telemetry.Telemetry;
import dev.culvert.ztunnel.telemetry.TlsSession;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Remembers which connections were refused, and why. */
final class ToldOutcomes implements Telemetry {
  private final List<Outcome> refused = new ArrayList<>();

  List<Outcome> refused() {
    return refused;
  }

  /** Of a connection of which nothing else is known. */
  static ConnectionInfo info(InetSocketAddress destination) {
    return new ConnectionInfo(
        ConnectionInfo.Direction.WAYPOINT,
        ConnectionInfo.Security.MUTUAL_TLS,
        destination,
        destination,
        destination,
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  @Override
  public ConnectionMeter open(ConnectionInfo info) {
    return new Meter();
  }

  @Override
  public void refused(ConnectionInfo info, Outcome outcome) {
    refused.add(outcome);
  }

  @Override
  public void lookedUp(ConnectionInfo info) {}

  private static final class Meter implements ConnectionMeter {
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
    public void close(Outcome outcome) {}
  }
}

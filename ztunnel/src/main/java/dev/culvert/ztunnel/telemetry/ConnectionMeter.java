// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

import dev.culvert.policy.authz.Verdict;

/**
 * One connection's report. Written by its event loop only, and closed exactly once; byte counts are
 * those of the application's data.
 */
public interface ConnectionMeter {

  /** Bytes from the client to the server. */
  void sent(long bytes);

  /** Bytes from the server to the client. */
  void received(long bytes);

  /** The policy decision on it, at the destination. */
  void decided(Verdict verdict);

  /** What the decision would be if the policies in dry-run were in force. */
  void wouldBeDecided(Verdict verdict);

  /** What protects the tunnel that carries it. */
  void secured(TlsSession session);

  /** The connection is over. */
  void close(Outcome outcome);
}

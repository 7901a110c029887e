// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.telemetry;

/** Where connections are reported. Any thread. */
public interface Telemetry {

  /** A connection was established, or is about to be. */
  ConnectionMeter open(ConnectionInfo info);

  /** A connection was refused before it was known where it would go. */
  void refused(ConnectionInfo info, Outcome outcome);

  /** A connection's endpoint is known by its name only, which is looked up for it. */
  void lookedUp(ConnectionInfo info);
}

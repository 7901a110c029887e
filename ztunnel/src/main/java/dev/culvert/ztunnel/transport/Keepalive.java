// SPDX-License-Identifier: Apache-2.0
package dev.culvert.ztunnel.transport;

import java.time.Duration;

/**
 * How TCP finds out that the other end is gone, and keeps what is between from forgetting a
 * connection that is silent.
 *
 * @param idle silence before the first question; zero asks never
 * @param interval between questions
 * @param probes unanswered questions that end the connection
 */
public record Keepalive(Duration idle, Duration interval, int probes) {
  /** As Istio's ztunnel: below what load balancers commonly forget after. */
  public static final Keepalive STANDARD =
      new Keepalive(Duration.ofMinutes(3), Duration.ofMinutes(3), 9);

  boolean asks() {
    return !idle.isZero();
  }
}

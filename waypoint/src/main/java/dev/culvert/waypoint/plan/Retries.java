// SPDX-License-Identifier: Apache-2.0
package dev.culvert.waypoint.plan;

import java.time.Duration;
import java.util.Set;

/**
 * When a request is sent again (Gateway API, HTTPRouteRetry). Only a request of which no part of a
 * body was sent can be.
 *
 * @param attempts how often after the first time, 0 to 10
 * @param codes the statuses that are no answer
 * @param backoff at least so long between two attempts
 * @param anyFailure whether it is sent again although the endpoint may have acted on it
 */
public record Retries(int attempts, Set<Integer> codes, Duration backoff, boolean anyFailure) {
  private static final int MOST = 10;

  /** Once more when the endpoint did nothing with it. */
  public static final Retries STANDARD = new Retries(1, Set.of(), Duration.ofMillis(25), false);

  /** Bounds the attempts and copies the codes. */
  public Retries {
    attempts = Math.clamp(attempts, 0, MOST);
    codes = Set.copyOf(codes);
  }
}

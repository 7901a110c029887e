// SPDX-License-Identifier: Apache-2.0
package dev.culvert.policy.traffic;

import java.time.Duration;
import java.util.Optional;
import java.util.Set;

/**
 * When a request is sent again, to another endpoint where there is one. What a rule of a route says
 * of retries goes before it.
 *
 * @param attempts how often after the first time, 0 to 10
 * @param perTryTimeout how long each may take; empty for any time
 * @param on what is no answer
 * @param statuses further ones that are no answer
 * @param backoff at least so long between two attempts, doubled with each
 * @param maxBackoff at most so long
 * @param budgetPercent so many of the requests under way may be repeated ones, 0 to 100
 * @param budgetMin repeated requests that may be under way however few there are
 */
public record RetryPolicy(
    int attempts,
    Optional<Duration> perTryTimeout,
    Set<RetryOn> on,
    Set<Integer> statuses,
    Duration backoff,
    Duration maxBackoff,
    int budgetPercent,
    int budgetMin) {
  public RetryPolicy {
    on = Set.copyOf(on);
    statuses = Set.copyOf(statuses);
  }
}
